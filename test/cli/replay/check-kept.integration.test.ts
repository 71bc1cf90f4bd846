import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSnapshots } from '../../../adapters/snapshots/create-snapshots.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { Store } from '../../../core/kernel/store.ts';
import { isGap } from '../../../core/log/gap.ts';
import { dump } from '../../../history/dump.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { day, eventOf, KeptCloud } from '../../adapters/retention/kept-cloud.ts';
import { folderOf, twoReleases } from '../../history/recorded.ts';
import { Desk } from '../desk.ts';

const story = twoReleases();

function foldedTo(seq: number): Store<Views> {
  const store = new Store<Views>(projections);
  store.apply(story.events.slice(0, seq));
  return store;
}

describe('replay --check of a folder with snapshots', () => {
  const withFolder = (work: (desk: Desk, data: string) => Promise<void>) =>
    Desk.use(async (desk) => work(desk, await folderOf(desk, story)));
  const check = (desk: Desk, ...more: string[]) => desk.run(['cloud', 'replay', '--check', '--dir', 'srv', ...more]);
  /** Snapshots carry the hash of their event, which the log alone knows. */
  const hashes = async (desk: Desk): Promise<string[]> => {
    const { stdout } = await desk.run(['cloud', 'history', '--dir', 'srv', '--limit', '0', '--json']);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).hash);
  };

  it('compares every one of them with the fold on the way', () =>
    withFolder(async (desk, data) => {
      const of = await hashes(desk);
      const snapshots = createSnapshots(data);
      for (const seq of [10, 20]) {
        await snapshots.write({ ...foldedTo(seq).capture(), hash: of[seq - 1] as string });
      }
      const { exit, stdout } = await check(desk);
      expect([exit, stdout]).toEqual([
        0,
        '✓ identical: 32 events fold to the state that a start makes of it, and to 2 snapshots on the way.\n',
      ]);
    }));

  it('names the first that differs, and what does', () =>
    withFolder(async (desk, data) => {
      const of = await hashes(desk);
      const snapshots = createSnapshots(data);
      const capture = { ...foldedTo(20).capture(), hash: of[19] as string };
      const domains = [['localhost', { name: 'localhost', enabled: false }]] as const;
      await snapshots.write({ ...capture, entities: { ...capture.entities, domains } });
      const { exit, stdout } = await check(desk);
      expect(exit).toBe(1);
      expect(stdout).toContain('✗ The snapshot after event 20 is the first that differs from the fold');
      expect(stdout).toContain('domains localhost\n    ');
      expect(stdout).toContain('enabled  true → false');
      const json = JSON.parse((await check(desk, '--json')).stdout);
      expect(json).toMatchObject({ identical: false, snapshot: 20, first: { seq: 20 } });
    }));

  it('passes one of another log over, as a start does', () =>
    withFolder(async (desk, data) => {
      await createSnapshots(data).write({ ...foldedTo(9).capture(), hash: 'f'.repeat(64) });
      expect(JSON.parse((await check(desk, '--json')).stdout)).toMatchObject({ identical: true, snapshots: 0 });
    }));
});

describe('a log whose old task events were deleted', () => {
  let cloud: KeptCloud;

  beforeEach(async () => {
    cloud = new KeptCloud();
    await cloud.open();
    const events = [eventOf(1, null, '')];
    const next = () => events.length + 1;
    for (let i = 0; i < 30; i += 1) {
      if (i % 3 === 2) events.push(eventOf(next(), null, ''));
      events.push(eventOf(next(), 'begin', `t${i}`), eventOf(next(), 'end', `t${i}`));
    }
    await cloud.log.append(events);
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '90d' };
    await cloud.run();
    cloud.now += 400 * day;
    await cloud.run();
    const young = eventOf(cloud.log.head().seq + 1, 'begin', 'young');
    await cloud.log.append([{ ...young, time: new Date(cloud.now).toISOString() }]);
    expect((await cloud.all()).some(isGap)).toBe(true);
  });
  afterEach(() => cloud.end());

  it('is checked with what is known of them, and says which calls it cannot list', async () => {
    const before = await cloud.all();
    await cloud.log.close();
    await Desk.use(async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'replay', '--check', '--dir', cloud.folder, '--json']);
      expect([exit, JSON.parse(stdout)]).toMatchObject([0, { identical: true, deleted: null }]);
      const tasks = await desk.run(['cloud', 'tasks', '--dir', cloud.folder]);
      expect(tasks.stdout).toContain('young');
      expect(tasks.stderr).toBe('60 task events of that time were deleted; their calls are not shown.\n');
      const replay = await desk.run(['cloud', 'replay', '--dir', cloud.folder, '--json']);
      expect(replay.stdout.trim().split('\n')).toHaveLength(before.length);
    });
  });

  it('cannot be folded whole from what a server tells: says what it did not compare', async () => {
    const events = await cloud.all();
    const store = await cloud.fold();
    const { seq, hash } = cloud.log.head();
    const between = ({ query }: { query: Readonly<Record<string, string>> }) => {
      const wanted = (event: EventEnvelope) => event.seq >= Number(query.from) && event.seq <= Number(query.to);
      return {
        text: events
          .filter(wanted)
          .map((event) => `${JSON.stringify(event)}\n`)
          .join(''),
      };
    };
    await Desk.useWith(
      {
        'GET /management/api/state': { body: { seq, hash, state: dump(store.views) } },
        'GET /management/api/history': between,
      },
      async (desk) => {
        const { exit, stdout } = await desk.run(['cloud', 'replay', '--check']);
        expect(stdout).toMatch(
          /Not compared, since the task events among \d+ to \d+ were deleted: tasks, callbacks, usage/,
        );
        expect(exit).toBe(0);
      },
    );
  });

  it('can be thought of otherwise, but not without an event that is gone', async () => {
    await cloud.log.close();
    await Desk.use(async (desk) => {
      const whatif = (...argv: string[]) =>
        desk.run(['cloud', 'whatif', '--at', 'head', '--dir', cloud.folder, ...argv]);
      const { exit, stdout } = await whatif('--drop', '1', '--json');
      expect(exit).toBe(0);
      const answer = JSON.parse(stdout);
      expect(answer.changes.map(({ projection }: { projection: string }) => projection)).toEqual(['cloud']);
      expect((await whatif('--drop', '2')).stderr).toContain('Event 2 was deleted from the log.');
    });
  });
});
