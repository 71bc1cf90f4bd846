import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../../cli/package-root.ts';
import { Store } from '../../../core/kernel/store.ts';
import { type Dump, dump } from '../../../history/dump.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { folderOf, twoReleases } from '../../history/recorded.ts';
import { withServer } from '../archive/ground.ts';
import { Desk } from '../desk.ts';

const story = twoReleases();
const built = pathToFileURL(join(packageRoot(), 'dist', 'projections', 'registry.js')).href;

/** A folder with reducers of another version below the desk. */
async function reducers(desk: Desk, source: string, place = 'other/dist/projections'): Promise<void> {
  await mkdir(join(desk.folder, place), { recursive: true });
  await desk.write('other/package.json', { type: 'module' });
  await writeFile(join(desk.folder, place, 'registry.js'), source);
}

const withFolder = (work: (desk: Desk) => Promise<void>) =>
  Desk.use(async (desk) => {
    await folderOf(desk, story);
    await work(desk);
  });

const run = (desk: Desk, ...argv: string[]) => desk.run(['cloud', 'replay', '--check', ...argv]);

describe('replay --check', () => {
  it('folds a folder and finds what a start makes of it identical', () =>
    withFolder(async (desk) => {
      const { exit, stdout } = await run(desk, '--dir', 'srv');
      expect(exit).toBe(0);
      expect(stdout).toBe(`✓ identical: ${story.events.length} events fold to the state that a start makes of it.\n`);
      const json = await run(desk, '--dir', 'srv', '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({ identical: true, events: story.events.length, first: null });
    }));

  it('folds what a running server has and finds what it holds identical', () =>
    withServer(async (_server, desk, admin) => {
      await admin('/management/api/settings', { serverName: 'another' });
      const { exit, stdout, stderr } = await run(desk, '--json');
      expect(exit, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ identical: true, differences: [] });
    }));

  it('names the first event after which a server says something else', () => {
    const at = (seq: number) => {
      const state = stateAfter(seq);
      const deployments = { ...state.deployments, odd: { status: 'x' } };
      return { seq, hash: 'x', state: seq < 12 ? state : { ...state, deployments } };
    };
    return Desk.useWith(
      {
        'GET /management/api/state': () => ({ body: at(story.events.length) }),
        'GET /management/api/past/state': ({ query }) => ({ body: at(Number(query.at)) }),
        'GET /management/api/history': ({ query }) => ({
          text: story.events
            .slice(Number(query.from) - 1, Number(query.to))
            .map((event) => `${JSON.stringify(event)}\n`)
            .join(''),
        }),
      },
      async (desk) => {
        const { exit, stdout } = await run(desk);
        expect(exit).toBe(1);
        expect(stdout).toContain('Event 12 is the first after which the fold differs from what the server holds.');
        expect(stdout).toContain('deployments odd');
        expect(stdout).toContain('nothing → {"status":"x"}');
      },
    );
  });

  it('finds the same reducers of another build identical, wherever below the folder they lie', () =>
    withFolder(async (desk) => {
      for (const folder of ['', 'dist', 'dist/projections', 'dist/projections/registry.js']) {
        const { exit, stdout } = await run(desk, '--dir', 'srv', '--reducers', join(packageRoot(), folder));
        expect([exit, stdout.includes('identical')]).toEqual([0, true]);
      }
    }));

  it('names the first event that another version folds differently, with projection, key and difference', () =>
    withFolder(async (desk) => {
      await reducers(
        desk,
        `import { projections as now } from ${JSON.stringify(built)};
         const { usage, ...kept } = now;
         const deployments = { ...now.deployments, evolve(draft, event) {
           const next = now.deployments.evolve(draft, event);
           if (event.type === 'deployment.routed') draft.status = 'serving';
           return next;
         } };
         export const projections = { ...kept, deployments, extra: { ...usage, name: 'extra' } };`,
      );
      const routed = story.events.find(({ type }) => type === 'deployment.routed');
      const { exit, stdout } = await run(desk, '--dir', 'srv', '--reducers', 'other');
      expect(exit).toBe(1);
      expect(stdout).toContain(`✗ Event ${routed?.seq} is the first that the reducers of other fold differently.`);
      expect(stdout).toContain('deployments localhost/demo');
      expect(stdout).toContain('status  "active" → "serving"');
      expect(stdout).toContain('Not compared, only here: usage');
      expect(stdout).toContain('Not compared, only there: extra');
      const json = await run(desk, '--dir', 'srv', '--reducers', 'other', '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({
        identical: false,
        first: {
          event: { seq: routed?.seq },
          projection: 'deployments',
          key: 'localhost/demo',
          patch: [{ op: 'replace', path: '/status', value: 'serving' }],
        },
      });
    }));

  it.each([
    ['nothing of the kind', '', '"empty" holds no registry.js.', 'empty'],
    ['no projections', 'export const a = 1;', 'does not export projections', 'other'],
    ['half of one', 'export const projections = { x: { name: "x", types: [] } };', 'lacks the function key', 'other'],
    ['no program', 'export const = 1;', 'could not be loaded', 'other'],
  ])('says in one sentence that a folder holds %s', (_what, source, sentence, folder) =>
    withFolder(async (desk) => {
      if (source !== '') await reducers(desk, source);
      const { exit, stdout, stderr } = await run(desk, '--dir', 'srv', '--reducers', folder);
      expect([exit, stdout]).toEqual([5, '']);
      expect(stderr).toContain(sentence);
    }),
  );

  it('tells of a projection that stopped, and ends with 1', () =>
    Desk.use(async (desk) => {
      const poisoned = twoReleases();
      const taskId = 'never-begun';
      const data = { taskId, durationMs: 1, deployment: 'localhost/demo', command: 'hello', data: 1 };
      poisoned.events.push(poisoned.place({ type: 'task.completed', stream: `task:${taskId}`, data }));
      await folderOf(desk, poisoned);
      const { exit, stdout } = await run(desk, '--dir', 'srv');
      expect(exit).toBe(1);
      expect(stdout).toContain('✗ The projection tasks stopped at event 33');
    }));

  it('takes no moments, and reducers only with --check', () =>
    withFolder(async (desk) => {
      expect((await run(desk, '--dir', 'srv', '--from', '3')).stderr).toContain('leave --from away');
      expect((await desk.run(['cloud', 'replay', '--reducers', 'other'])).stderr).toContain('--reducers goes with');
    }));
});

function stateAfter(seq: number): Dump {
  const store = new Store<Views>(projections);
  store.apply(story.events.slice(0, seq));
  return dump(store.views);
}
