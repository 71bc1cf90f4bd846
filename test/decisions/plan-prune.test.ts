import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deploymentKey } from '../../core/names/names.ts';
import { neededReleases } from '../../decisions/needed-releases.ts';
import { planPrune, type StoredThings } from '../../decisions/plan-prune.ts';
import { outcome, settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

const nothing: StoredThings = { images: [], checkouts: [], installResults: [], installLogs: [], mirrors: [] };
const imageId = (n: number) => `sha256:${String(n).padStart(64, '0')}`;
const key = deploymentKey('localhost/demo');

/** A release that serves; its image is pulled, or was there. */
function serve(story: Story, n: number, origin?: 'pulled'): void {
  story.ask({ ...deploy(), engine: 'docker' });
  const stream = `release:localhost/demo#${n}`;
  const [source] = outcome(story, { kind: 'resolveSource', release: `localhost/demo#${n}` } as never, true);
  if (source) story.tell(source);
  const data = { reference: 'r/app:1', imageId: imageId(n), digest: null, ...(origin ? { origin } : {}) };
  story.tell({ type: 'release.imageResolved', stream, data });
  const cache = { key: String(n).repeat(64).slice(0, 64), hit: false };
  story.tell({ type: 'release.installed', stream, data: { durationMs: 1, log: null, cache } });
  settle(story);
}

function image(n: number, more: Partial<StoredThings['images'][number]> = {}): StoredThings['images'][number] {
  return { engine: 'docker', id: imageId(n), tags: [], bytes: 10, inUse: false, hasChildren: false, ...more };
}

function served(count: number): Story {
  const story = initialized();
  for (let n = 1; n <= count; n += 1) serve(story, n, 'pulled');
  return story;
}

describe('what may be removed', () => {
  test('is what none of the newest releases names', () => {
    const { views } = served(4);
    const found = { ...nothing, images: [1, 2, 3, 4].map((n) => image(n)) };
    const gone = (keep: number) => planPrune(views, found, keep).items.map(({ id }) => id);
    expect(gone(10)).toEqual([]);
    expect(gone(2)).toEqual([`docker ${imageId(1)}`, `docker ${imageId(2)}`]);
    expect(gone(1)).toHaveLength(3);
  });

  test('is told in the words of one or of several', () => {
    const { views } = served(4);
    const mirror = { id: 'abc', bytes: 9, ofRepository: true, address: 'https://git.example/r.git' };
    const reasons = (keep: number) => {
      const mirrors = [{ ...mirror, pins: [1, 2, 3, 4].map((n) => `${key}/${n}`) }];
      return planPrune(views, { ...nothing, mirrors }, keep).items.map(({ reason }) => reason);
    };
    expect(reasons(3)).toEqual([
      '1 commit that no release names, in the mirror of https://git.example/r.git: of each deployment the newest 3 that served are kept',
    ]);
    expect(reasons(1)).toEqual([
      '3 commits that no release names, in the mirror of https://git.example/r.git: of each deployment the newest that served is kept',
    ]);
  });

  test('is never an image that somebody else brought, uses, named or built on', () => {
    const story = initialized();
    serve(story, 1);
    serve(story, 2, 'pulled');
    serve(story, 3, 'pulled');
    const plan = (more: Partial<StoredThings['images'][number]>) => {
      const images = [image(1), image(2, more), image(3), image(9)];
      return planPrune(story.views, { ...nothing, images }, 1);
    };
    expect(plan({}).items.map(({ id }) => id)).toEqual([`docker ${imageId(2)}`]);
    for (const more of [{ inUse: true }, { hasChildren: true }, { tags: ['a:1', 'b:1'] }]) {
      expect(plan(more).items).toEqual([]);
      expect(plan(more).kept.map(({ id }) => id)).toEqual([`docker ${imageId(2)}`]);
    }
    // The same id in another engine was never pulled by us.
    expect(plan({ engine: 'podman' }).items).toEqual([]);
  });

  test('is no image that came back after we removed it', () => {
    const story = served(2);
    const id = `docker ${imageId(1)}`;
    const item = { kind: 'image', id, bytes: 1, reason: 'r' } as const;
    story.tell({ type: 'prune.requested', stream: 'prune', data: { trigger: 'asked', releases: 1, items: [item] } });
    const found = { ...nothing, images: [image(1)] };
    expect(planPrune(story.views, found, 1).items).toHaveLength(1);
    story.tell({ type: 'prune.completed', stream: 'prune', data: { removed: 1, bytes: 1, left: [] } });
    expect(planPrune(story.views, found, 1).items).toEqual([]);
    serve(story, 3);
    expect(planPrune(story.views, { ...nothing, images: [image(1), image(2)] }, 1).items.map((i) => i.id)).toEqual([
      `docker ${imageId(2)}`,
    ]);
  });

  test('of a mirror is what no release pins, and all of it where no repository is left', () => {
    const { views } = served(3);
    const pins = [1, 2, 3].map((n) => `${key}/${n}`);
    const mirror = { id: 'm.git', bytes: 5, address: 'https://x', ofRepository: true, pins };
    const kinds = (more: Partial<typeof mirror>, keep: number) =>
      planPrune(views, { ...nothing, mirrors: [{ ...mirror, ...more }] }, keep).items.map(({ kind }) => kind);
    expect(kinds({}, 3)).toEqual([]);
    expect(kinds({}, 2)).toEqual(['pins']);
    expect(kinds({ ofRepository: false }, 2)).toEqual(['pins']);
    expect(kinds({ ofRepository: false, pins: [`${key}/1`] }, 2)).toEqual(['mirror']);
    expect(kinds({ ofRepository: false, pins: [] }, 2)).toEqual(['mirror']);
    expect(kinds({ pins: [] }, 2)).toEqual([]);
  });

  test('after an undeploy is all but what its undoing would need', () => {
    const story = served(3);
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    settle(story);
    const { eligible } = neededReleases(story.views, 10);
    expect([...eligible.keys()]).toEqual(['localhost/demo#3']);
  });

  test('never is of anything that runs, is made or can be rolled back to, and grows as less is kept', () => {
    const step = fc.constantFrom('serve', 'fail', 'begin', 'undeploy');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.integer({ min: 1, max: 5 }), (steps, keep) => {
        const story = initialized();
        for (const what of steps) {
          if (what === 'undeploy') story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
          else story.ask({ ...deploy(), engine: 'docker' });
          if (what === 'serve') settle(story);
          if (what === 'fail') settle(story, ({ kind }) => kind !== 'installRelease');
        }
        const { views } = story;
        const numbers = steps.map((_, i) => i + 1);
        const found: StoredThings = {
          ...nothing,
          checkouts: numbers.map((n) => ({ id: `${key}/${n}`, bytes: 1 })),
          installLogs: numbers.map((n) => ({ id: `install-${key}-${n}.log`, bytes: 1 })),
          mirrors: [{ id: 'm', bytes: 1, address: 'x', ofRepository: false, pins: numbers.map((n) => `${key}/${n}`) }],
        };
        const { items } = planPrune(views, found, keep);
        const gone = new Set(items.map(({ kind, id }) => `${kind} ${id}`));
        for (const { n, status, servedAt } of views.releases.values()) {
          const later = [...views.releases.values()].filter((other) => other.servedAt !== null && other.n > n).length;
          const removed = views.deployments.get('localhost/demo')?.status === 'removed';
          const wanted =
            (status !== 'failed' && status !== 'retired') || (servedAt !== null && later < (removed ? 1 : keep));
          if (!wanted) continue;
          expect(gone.has(`installLog install-${key}-${n}.log`)).toBe(false);
          expect(gone.has('mirror m')).toBe(false);
          if (status !== 'failed' && status !== 'retired') expect(gone.has(`checkout ${key}/${n}`)).toBe(false);
        }
        const more = new Set(planPrune(views, found, keep + 1).items.map(({ kind, id }) => `${kind} ${id}`));
        for (const one of more) expect(gone.has(one) || (one === 'pins m' && gone.has('mirror m'))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
