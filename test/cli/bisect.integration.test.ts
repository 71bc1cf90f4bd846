import { expect, it } from 'vitest';
import { folderOf, twoReleases } from '../history/recorded.ts';
import { Desk } from './desk.ts';

function withStory(work: (desk: Desk, bisect: (...words: string[]) => ReturnType<Desk['run']>) => Promise<void>) {
  return Desk.use(async (desk) => {
    await folderOf(desk, twoReleases());
    await work(desk, (...words) => desk.run(['cloud', 'bisect', ...words, '--dir', 'srv']));
  });
}

it('names the event that broke an invariant, who did it, and what it changed', () =>
  withStory(async (_desk, bisect) => {
    const events = twoReleases().events;
    const second = events.find(({ type, data }) => type === 'deployment.requested' && data.release === 2);
    const { exit, stdout, stderr } = await bisect('$not(releases.`localhost/demo#2`.n = 2)');
    expect(exit).toBe(1);
    expect(stdout).toContain(`Event ${second?.seq} broke it:`);
    expect(stdout).toContain('deployment.requested');
    expect(stdout).toContain('latest  1 → 2');
    expect(stderr).toMatch(/\d+ events, \d+ states read/);
    const json = JSON.parse((await bisect('$not(releases.`localhost/demo#2`.n = 2)', '--json')).stdout);
    expect(json.broken.seq).toBe(second?.seq);
    expect(json.stateReads).toBeLessThanOrEqual(Math.ceil(Math.log2(events.length)) + 2);
  }));

it('ends with 0 where it holds at both ends, and says what that does not tell', () =>
  withStory(async (_desk, bisect) => {
    const { exit, stdout, stderr } = await bisect('$exists(cloud)');
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^✓ It holds at event 1 and at \d+\.\n$/);
    expect(stderr).toContain('broken and mended in between');
  }));

it('says when something else than true and false was taken for one', () =>
  withStory(async (_desk, bisect) => {
    const { exit, stderr } = await bisect('$exists(releases.*) ? "" : "none"');
    expect(exit).toBe(1);
    expect(stderr).toContain('taken as true or false');
  }));

it.each([
  ['is malformed', ['$count('], 'The expression cannot be used at character 7'],
  ['fails on a state', ['$number("x")'], 'The expression cannot be used'],
  ['never ends', ['($f := function($x){$f($x)}; $f(1))'], 'The expression cannot be used'],
  ['is broken from the start', ['false'], 'It does not hold at event 1, where the search begins.'],
  ['has no room to search', ['true', '--from', 'head'], 'has to come before --to'],
  ['begins nowhere', ['true', '--from', '9999'], 'There is no event 9999', 5],
] as [string, string[], string, number?][])('refuses in one sentence what %s', (_what, words, message, code = 1) =>
  withStory(async (_desk, bisect) => {
    const { exit, stdout, stderr } = await bisect(...words);
    expect([exit, stdout]).toEqual([code, '']);
    expect(stderr).toContain(message);
  }),
);
