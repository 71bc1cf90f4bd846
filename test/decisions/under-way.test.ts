import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../core/kernel/store.ts';
import type { Decision } from '../../decisions/commands.ts';
import type { PloinkyEffect } from '../../decisions/effects.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { beforeOf, placeBefore } from '../../decisions/undo-before.ts';
import { watchedBranch } from '../../decisions/watched-branch.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { outcome, settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

const id = 'localhost/demo';
const place = { domain: 'localhost', path: '/demo' };
const mistake = { agent: 'dmeo', branch: 'mian' };
let story: Story;
beforeEach(() => {
  story = initialized();
  settle(story);
});

const known = () => story.views.deployments.get(id);
const statusOf = (n: number) => story.views.releases.get(`${id}#${n}`)?.status;
const wish = (config: object = {}) => ({ ...deploy(), config: { ...deploy().config, ...config } });
const events = (decision: Decision) => (decision.kind === 'accepted' ? decision.events : []);
const rollback = (target: number) =>
  story.ask({ type: 'rollback', ...place, target, url: 'u', secrets: 'then', reason: null, expectSeq: null });

/** Carries out one effect of a release, which has to be wanted. */
function step(kind: PloinkyEffect['kind'], n: number, works = true) {
  const effect = reconcile(story.views).find(
    (one) => one.kind === kind && 'release' in one && one.release.endsWith(`#${n}`),
  );
  if (!effect) throw new Error(`nothing wants ${kind} for release ${n}`);
  story.tell(...outcome(story, effect, works));
}

describe('a release under way', () => {
  it('goes on while it is not known whether a newer one finds a source, and after it found none', () => {
    story.ask(deploy());
    step('resolveSource', 1);
    step('resolveImage', 1);
    story.ask(wish(mistake));
    expect(statusOf(1)).toBe('imageResolved');
    step('installRelease', 1);
    step('resolveSource', 2, false);
    expect([statusOf(1), statusOf(2)]).toEqual(['installed', 'failed']);
    expect(known()).toMatchObject({
      status: 'requested',
      latest: 2,
      underWay: [{ release: 1 }],
      config: { agent: 'demo' },
    });
    settle(story);
    expect(known()).toMatchObject({ status: 'active', latest: 2, routed: 1, underWay: [], config: deploy().config });
  });

  it('gives way in the same breath in which a newer one finds its source', () => {
    story.ask(deploy());
    step('resolveSource', 1);
    story.ask(wish({ branch: 'next' }));
    step('resolveSource', 2);
    expect(story.events.slice(-2)).toMatchObject([
      { type: 'release.sourceResolved', stream: `release:${id}#2` },
      { type: 'release.retired', stream: `release:${id}#1`, data: { reason: 'superseded by release 2' } },
    ]);
    settle(story);
    expect(known()).toMatchObject({ routed: 2, underWay: [], config: { branch: 'next' } });
  });

  it('gives way to a rollback at once, for the source of that is known', () => {
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    step('resolveSource', 3);
    story.ask(wish(mistake));
    expect(events(rollback(2)).map(({ type }) => type)).toEqual([
      'release.retired',
      'release.retired',
      'deployment.rolledBack',
    ]);
    expect(known()).toMatchObject({ underWay: [], config: { agent: 'demo', branch: null }, pin: { release: 2 } });
  });

  it('that is a rollback keeps its pin where a newer one finds no source, whichever ends first', () => {
    for (const first of ['rollback', 'mistake']) {
      story = initialized();
      settle(story);
      for (const branch of ['one', 'two']) {
        story.ask(wish({ branch }));
        settle(story);
      }
      rollback(1);
      const pin = known()?.pin;
      expect(pin).toMatchObject({ release: 3, target: 1 });
      step('resolveSource', 3);
      story.ask(wish(mistake));
      expect(known()?.pin).toBeNull();
      if (first === 'mistake') step('resolveSource', 4, false);
      settle(story, (effect) => effect.kind !== 'resolveSource');
      expect(known()).toMatchObject({ routed: 3, latest: 4, pin, config: { branch: 'one' } });
    }
  });

  it('is retired with its deployment, and so is what was asked for after it', () => {
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    step('resolveSource', 2);
    story.ask(wish(mistake));
    story.ask({ type: 'undeploy', ...place, reason: null });
    expect([1, 2, 3].map(statusOf)).toEqual(['retired', 'retired', 'retired']);
    expect(known()).toMatchObject({ status: 'removed', underWay: [] });
    settle(story);
  });

  it('that serves before a newer one has its source is replaced by that as any other', () => {
    story.ask(deploy());
    step('resolveSource', 1);
    story.ask(wish({ branch: 'next' }));
    settle(story);
    expect(known()).toMatchObject({ routed: 2, latest: 2 });
    story.ask(deploy());
    const late = reconcile(story.views).find(({ kind }) => kind === 'resolveSource');
    expect(late?.lane).not.toBe(id);
  });

  it('can be undone once it serves, also where a newer one that was asked for before had failed', () => {
    story.ask(wish({ branch: 'one' }));
    settle(story);
    story.ask(wish({ branch: 'two' }));
    story.ask(wish(mistake));
    settle(story, (effect) => effect.kind !== 'resolveSource' || !effect.release.endsWith('#3'));
    expect(known()).toMatchObject({ routed: 2, latest: 3 });
    const routed = story.events.findLast(({ type }) => type === 'deployment.routed');
    if (!routed) throw new Error('nothing was routed');
    const store = new Store<Views>(projections);
    store.replay(story.events.slice(0, placeBefore(story.views, routed)));
    const undo = () => {
      const before = beforeOf(store.views, routed);
      const later = story.events.slice(routed.seq);
      return story.ask({ type: 'undo', event: routed, before, later, url: 'u', reason: null }, routed.id);
    };
    expect(undo().kind).toBe('accepted');
    settle(story);
    expect(known()).toMatchObject({ routed: 4, config: { branch: 'one' }, pin: { target: 1 } });
  });

  it('gives way to a rollback to what serves, which pins from then on and not from an earlier one', () => {
    for (const branch of ['one', 'two']) {
      story.ask(wish({ branch }));
      settle(story);
    }
    rollback(1);
    settle(story);
    story.ask(wish(mistake));
    expect(known()).toMatchObject({ routed: 3, pin: null });
    rollback(1);
    expect(known()?.pin).toMatchObject({ release: 3, target: 1, seq: story.events.length });
  });

  it('that serves before a working tree has its source is what that replaced, and no change of the same folder is', () => {
    const tree = (folder: string) => ({
      ...wish({ repository: 'PloinkyDemo' }),
      dev: { machine: 'm', folder },
    });
    // What serves before the newest has its source.
    const serveFirst = (n: number) => {
      while (known()?.routed !== n) {
        const effect = reconcile(story.views).find((one) => 'release' in one && one.release.endsWith(`#${n}`));
        if (!effect) throw new Error(`release ${n} stands still`);
        story.tell(...outcome(story, effect, true));
      }
    };
    story.ask(deploy());
    story.ask(tree('/a'));
    expect(known()?.dev).toMatchObject({ folder: '/a', replaced: null });
    serveFirst(1);
    expect(known()?.dev).toMatchObject({ folder: '/a', replaced: 1 });
    story.ask(tree('/a'));
    serveFirst(2);
    settle(story);
    expect(known()).toMatchObject({ routed: 3, dev: { folder: '/a', replaced: 1 } });
  });

  it('keeps its repository for the next request of its agent, also while a mistyped one is looked for', () => {
    story.ask(deploy());
    settle(story);
    story.ask(wish(mistake));
    story.ask(deploy());
    expect(known()?.config).toMatchObject({ agent: 'demo', repository: 'PloinkyDemo' });
  });

  it('holds pushes back also where a newer one has failed', () => {
    story.ask({ ...deploy(), watch: true });
    settle(story);
    story.ask(deploy());
    step('resolveSource', 2);
    story.ask(wish(mistake));
    step('resolveSource', 3, false);
    const push = { repository: 'PloinkyDemo', branch: 'main', commit: 'b'.repeat(40), seenBy: 'poll' } as const;
    const ask = () => events(story.ask({ type: 'redeployOnPush', ...place, push, latest: 3, engine: 'process' }));
    expect(ask()).toEqual([]);
    settle(story);
    expect(ask().map(({ type }) => type)).toEqual(['deployment.requested']);
  });

  it('of a push that failed is not made again because something mistyped was asked for beside it', () => {
    story.ask({ ...deploy(), watch: true });
    settle(story);
    const push = { repository: 'PloinkyDemo', branch: 'main', commit: 'b'.repeat(40), seenBy: 'poll' } as const;
    const ask = (latest: number) =>
      events(story.ask({ type: 'redeployOnPush', ...place, push, latest, engine: 'process' }));
    expect(ask(1)).toHaveLength(1);
    step('resolveSource', 2);
    story.ask(wish(mistake));
    step('resolveSource', 3, false);
    step('resolveImage', 2, false);
    expect(known()).toMatchObject({ routed: 1, latest: 3, underWay: [] });
    expect(ask(3)).toEqual([]);
  });

  it('keeps the watch that it came with where a newer one, with another wish, finds no source', () => {
    for (const ends of ['before', 'after']) {
      story = initialized();
      settle(story);
      story.ask(deploy());
      settle(story);
      story.ask({ ...deploy(), watch: true });
      step('resolveSource', 2);
      story.ask(wish({ tag: 'nope' }));
      expect(known()?.watch).toBeNull();
      if (ends === 'before') step('resolveSource', 3, false);
      // The effects of its lane come first.
      while (ends === 'after' && known()?.routed !== 2) {
        const effect = reconcile(story.views).find((one) => 'release' in one && one.release.endsWith('#2'));
        if (!effect) throw new Error('release 2 stands still');
        story.tell(...outcome(story, effect, true));
      }
      settle(story, (effect) => effect.kind !== 'resolveSource');
      expect(known()).toMatchObject({ routed: 2, latest: 3, unproven: null });
      expect(known()?.watch).not.toBeNull();
      expect(watchedBranch(story.views, known() as never)).toMatchObject({ kind: 'follows' });
    }
  });
});

it('whatever is asked for and found in whatever order, the newest that has a source serves, with its wish', () => {
  const asked = fc.record({
    found: fc.boolean(),
    watch: fc.constantFrom(undefined, true, false),
    // How many effects are carried out before the next request, and which of those that are wanted.
    effects: fc.array(fc.nat(), { maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 7 }), (requests) => {
      story = initialized();
      settle(story);
      const works = (effect: PloinkyEffect) =>
        effect.kind !== 'resolveSource' || requests[Number(effect.release.split('#')[1]) - 1]?.found === true;
      for (const [i, { watch, effects }] of requests.entries()) {
        const asking = { ...wish({ branch: `b${i + 1}` }), ...(watch === undefined ? {} : { watch }) };
        story.ask(asking);
        for (const pick of effects) {
          const wanted = reconcile(story.views);
          const effect = wanted[pick % Math.max(1, wanted.length)];
          if (effect) story.tell(...outcome(story, effect, works(effect)));
        }
        // What the world is asked to make is one release at a time.
        const making = known()?.underWay.filter(({ release }) => statusOf(release) !== 'requested') ?? [];
        expect(making.length).toBeLessThanOrEqual(1);
      }
      settle(story, works);
      const newest = requests.findLastIndex(({ found }) => found) + 1;
      expect(known()).toMatchObject({ latest: requests.length, routed: newest === 0 ? null : newest, underWay: [] });
      expect(known()?.status).toBe(newest === 0 ? 'failed' : 'active');
      if (newest > 0) expect(known()?.config.branch).toBe(`b${newest}`);
      const own = requests[newest - 1]?.watch;
      if (own !== undefined) expect(known()?.watch !== null).toBe(own);
      if (newest === 0) expect(known()?.watch).toBeNull();
    }),
    { numRuns: 300 },
  );
});
