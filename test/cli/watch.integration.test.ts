import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal } from './scripted-server.ts';

const api = (route: string) => `/management/api/${route}`;
const row = { domain: 'localhost', path: '/demo', agent: 'demo', status: 'active', release: 3, commit: 'c'.repeat(40) };
const follows = { repository: 'demos', branch: 'main', rests: null };
const pinned = { repository: null, branch: null, rests: 'pinned by the rollback to release 2' };

describe('watch', () => {
  it('tells whose pushes are followed, and why they do nothing for now', async () => {
    let watch: object | null = follows;
    const answer = () => {
      const deployment = { ...row, watch, pin: watch === pinned ? { target: 2 } : null };
      return { body: { success: true, changed: true, trace: 't', deployment } };
    };
    await Desk.useWith({ [`POST ${api('deployments/watch')}`]: answer }, async (desk, server) => {
      const on = await desk.run(['cloud', 'watch', 'localhost', '/demo']);
      expect([on.exit, on.stdout]).toEqual([0, '✓ localhost/demo follows the pushes to main\n']);
      watch = pinned;
      const { stderr } = await desk.run(['cloud', 'watch', 'localhost', '/demo']);
      expect(stderr).toContain(pinned.rests);
      expect(stderr).toContain('→ Unpin it by a deploy: p-cli cloud deploy localhost /demo demo --branch <name>');
      watch = null;
      const off = await desk.run(['cloud', 'unwatch', 'localhost', '/demo']);
      expect(off.stdout).toBe('✓ localhost/demo follows no pushes any more\n');
      expect(server.seen.map(({ body }) => body)).toEqual([
        { domain: 'localhost', path: '/demo', watch: true },
        { domain: 'localhost', path: '/demo', watch: true },
        { domain: 'localhost', path: '/demo', watch: false },
      ]);
    });
  });

  it('without words lists what is watched', () => {
    const asked = { askedAt: '2026-01-02T03:04:05.000Z', nextInMs: 42_000, problem: null };
    const problem = { code: 'GIT_UNREACHABLE', message: 'It cannot be reached.' };
    const watches = [
      { deployment: 'localhost/demo', ...follows, commit: row.commit, ...asked },
      { deployment: 'localhost/more', ...follows, branch: null, commit: null, ...asked, nextInMs: null, problem },
      { deployment: 'localhost/old', ...pinned, commit: row.commit, askedAt: null, nextInMs: null, problem: null },
    ];
    return Desk.useWith({ [`GET ${api('watches')}`]: { body: { watches } } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'watch']);
      expect(stdout).toMatch(/localhost\/demo +demos main +cccccccc +asked 03:04:05, again in 42s/);
      expect(stdout).toMatch(/localhost\/more +demos \(default branch\) .*\n +GIT_UNREACHABLE: It cannot be reached/);
      expect(stdout).toMatch(/localhost\/old +cccccccc +not asked since the server started\n +rests: pinned by/);
      expect(JSON.parse((await desk.run(['cloud', 'watch', '--json'])).stdout)).toEqual({ watches });
    });
  });

  it('says what became of the commit that was seen last, and what to type', () => {
    const asked = { askedAt: '2026-01-02T03:04:05.000Z', nextInMs: 42_000, problem: null, pin: null, agent: 'demo' };
    const failure = { stage: 'start', code: 'EXITED_EARLY', message: 'It ended. Its last lines:\n  one\n  two' };
    const seen = { commit: 'd'.repeat(40), outcome: 'failed', release: 4, failure };
    const well = { commit: row.commit, outcome: 'serving', release: 3, failure: null };
    const pin = { release: 5, target: 2, since: '2026-01-02T03:00:00.000Z', seq: 70 };
    const watches = [
      { deployment: 'localhost/demo', ...follows, commit: row.commit, ...asked, seen: well },
      { deployment: 'localhost/bad', ...follows, commit: row.commit, ...asked, seen },
      {
        deployment: 'localhost/old',
        ...follows,
        rests: pinned.rests,
        commit: row.commit,
        ...asked,
        nextInMs: null,
        seen: { ...seen, outcome: 'waiting', release: null, failure: null },
        pin,
      },
    ];
    return Desk.useWith({ [`GET ${api('watches')}`]: { body: { watches } } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'watch']);
      const shown = stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.trim().replace(/ {2,}/g, ' | '));
      expect(shown).toEqual([
        'localhost/demo | demos main | cccccccc serves | asked 03:04:05, again in 42s',
        'localhost/bad | demos main | dddddddd failed | asked 03:04:05, again in 42s',
        'release 4 failed: start: EXITED_EARLY: It ended.',
        '→ p-cli cloud why localhost/bad#4',
        'localhost/old | demos main | dddddddd is not released | asked 2026-01-02 03:04:05',
        'pinned since 2026-01-02 03:00:00 by the rollback to release 2: pushes do nothing until the next deploy',
        '→ p-cli cloud deploy localhost /old demo --branch main',
      ]);
    });
  });

  it('is part of a deploy and of the list of deployments', () => {
    const script = {
      [`POST ${api('deployments')}`]: refusal(409, 'WATCH_IMPOSSIBLE', 'takes the tag v1'),
      [`GET ${api('deployments')}`]: { body: { deployments: [{ ...row, tag: 'v1', watch: follows }] } },
    };
    return Desk.useWith(script, async (desk, server) => {
      const words = ['cloud', 'deploy', 'localhost', '/demo', 'demo', '--tag', 'v1'];
      expect((await desk.run([...words, '--watch'])).stderr).toContain('Deploy a branch with --watch');
      await desk.run([...words, '--unwatch']);
      expect(server.seen.map(({ body }) => body)).toMatchObject([{ tag: 'v1', watch: true }, { watch: false }]);
      expect((await desk.run([...words, '--watch', '--unwatch'])).stderr).toContain('not both');
      expect((await desk.run(['cloud', 'deployments'])).stdout).toMatch(/cccccccc tag v1 .*watches main/);
    });
  });
});
