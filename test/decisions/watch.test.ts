import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Store } from '../../core/kernel/store.ts';
import type { Decision } from '../../decisions/commands.ts';
import { mayFollow } from '../../decisions/redeploy-on-push.ts';
import { beforeOf, placeBefore } from '../../decisions/undo-before.ts';
import { watchedBranch } from '../../decisions/watched-branch.ts';
import { watchedRemotes } from '../../decisions/watched-remotes.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

const id = 'localhost/demo';
const place = { domain: 'localhost', path: '/demo' };
const [a, b] = ['a'.repeat(40), 'b'.repeat(40)];
let story: Story;
beforeEach(() => {
  story = initialized();
  settle(story);
});

const known = () => story.views.deployments.get(id);
const types = (decision: Decision) => (decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : []);
const code = (decision: Decision) => (decision.kind === 'refused' ? decision.problem.code : null);
const watch = (on = true) => story.ask({ type: 'watch', ...place, watch: on });
const rollback = (target: number) => {
  const how = { url: 'bundled:PloinkyDemo', secrets: 'then', reason: null, expectSeq: null } as const;
  return story.ask({ type: 'rollback', ...place, target, ...how });
};
const push = (commit: string, more: { latest?: number; branch?: string; repository?: string } = {}) => {
  const { latest = known()?.latest ?? 0, branch = 'main', repository = 'PloinkyDemo' } = more;
  const seen = { repository, branch, commit, seenBy: 'poll' } as const;
  return story.ask({ type: 'redeployOnPush', ...place, push: seen, latest, engine: 'process' });
};
const state = () => {
  const deployment = known();
  return deployment ? watchedBranch(story.views, deployment) : null;
};

/** Deployed at commit a, and watched. */
function watched() {
  story.ask({ ...deploy(), watch: true });
  settle(story);
}

describe('a watch', () => {
  it('comes with a deploy or alone, outlives deploys, and goes', () => {
    expect(types(story.ask({ ...deploy(), watch: true }))).toEqual(['deployment.requested', 'deployment.watchChanged']);
    expect(types(story.ask(deploy()))).not.toContain('deployment.watchChanged');
    expect(known()?.watch).not.toBeNull();
    expect(types(watch())).toEqual([]);
    expect(types(watch(false))).toEqual(['deployment.watchChanged']);
    expect(types(story.ask({ ...deploy(), watch: false }))).not.toContain('deployment.watchChanged');
    expect(known()?.watch).toBeNull();
    watch();
    story.ask({ type: 'undeploy', ...place, reason: null });
    expect(code(watch())).toBe('DEPLOYMENT_NOT_FOUND');
    story.ask(deploy());
    expect(known()?.watch).toBeNull();
  });

  it.each([{ tag: 'v1' }, { commit: 'abcdef0' }])('of %o is refused, and ends where that is deployed', (fixed) => {
    const asked = { ...deploy(), config: { ...deploy().config, ...fixed } };
    expect(code(story.ask({ ...asked, watch: true }))).toBe('WATCH_IMPOSSIBLE');
    watched();
    expect(types(story.ask(asked)).at(-1)).toBe('deployment.watchChanged');
    expect(known()?.watch).toBeNull();
    expect(code(watch())).toBe('WATCH_IMPOSSIBLE');
  });

  it('that a deploy came with, or ended, is as before where that fails at whatever stage', () => {
    for (const stage of ['resolveSource', 'installRelease', 'startContainer', 'checkHealth']) {
      for (const before of [false, true]) {
        story = initialized();
        settle(story);
        story.ask({ ...deploy(), watch: before });
        settle(story);
        const told = story.events.length;
        const fixed = { ...deploy(), config: { ...deploy().config, tag: 'v1' } };
        story.ask(before ? fixed : { ...deploy(), watch: true });
        expect(known()?.watch !== null).toBe(!before);
        settle(story, (effect) => effect.kind !== stage);
        expect([stage, known()?.watch !== null]).toEqual([stage, before]);
        const changes = story.events.slice(told).filter(({ type }) => type === 'deployment.watchChanged');
        expect(changes.map(({ data }) => data)).toEqual([
          { watch: !before, cameWith: 2 },
          { watch: before, cameWith: 2, reason: 'release 2 failed' },
        ]);
      }
    }
  });

  it('that was asked for by itself stays, whatever becomes of the release under way', () => {
    story.ask(deploy());
    settle(story);
    story.ask({ ...deploy(), watch: true });
    watch(false);
    watch();
    settle(story, (effect) => effect.kind !== 'installRelease');
    expect(known()).toMatchObject({ watch: expect.any(String), unproven: null });
  });

  it('of a release that served stays when a later one fails, and one that never served is not believed', () => {
    watched();
    story.ask(deploy());
    settle(story, (effect) => effect.kind !== 'installRelease');
    expect(known()?.watch).not.toBeNull();
    story.ask({ ...deploy(), watch: false });
    story.ask(deploy());
    settle(story, (effect) => effect.kind !== 'installRelease');
    expect(known()?.watch).not.toBeNull();
  });

  it('can be undone, and comes back with a deployment that was removed', () => {
    watched();
    const undo = (type: string) => {
      const event = story.events.findLast((one) => one.type === type) as (typeof story.events)[number];
      const store = new Store<Views>(projections);
      store.replay(story.events.slice(0, placeBefore(story.views, event)));
      const before = beforeOf(store.views, event);
      const later = story.events.slice(event.seq);
      return story.ask({ type: 'undo', event, before, later, url: 'bundled:PloinkyDemo', reason: null }, event.id);
    };
    expect(types(undo('deployment.watchChanged'))).toEqual(['deployment.watchChanged']);
    expect(known()?.watch).toBeNull();
    watch();
    story.ask({ type: 'undeploy', ...place, reason: null });
    settle(story);
    expect(types(undo('deployment.removed'))).toEqual(['deployment.requested', 'deployment.watchChanged']);
    expect(state()).toMatchObject({ kind: 'rests', why: 'pinned by the rollback to release 1' });
  });
});

describe('a push', () => {
  it('to the watched branch makes a release of that commit, which names it', () => {
    watched();
    expect(types(push(b))).toEqual(['deployment.requested']);
    settle(story);
    const release = story.views.releases.get(`${id}#2`);
    expect(release).toMatchObject({ trigger: 'push', status: 'serving', source: { commit: b, branch: 'main' } });
    expect(release?.reason).toBe('push of bbbbbbbb to main of PloinkyDemo');
    expect(types(push(b))).toEqual([]);
  });

  it('does nothing without a watch, for another branch or repository, and where it serves already', () => {
    story.ask(deploy());
    settle(story);
    expect(types(push(b))).toEqual([]);
    watched();
    expect(types(push(a))).toEqual([]);
    expect(types(push(b, { repository: 'other' }))).toEqual([]);
    story.ask({ ...deploy(), config: { ...deploy().config, branch: 'next' } });
    settle(story);
    expect(types(push(b))).toEqual([]);
    expect(types(push(b, { branch: 'next' }))).toEqual(['deployment.requested']);
  });

  it('whose release failed, at whatever stage, is not tried again until the branch moves', () => {
    for (const kind of ['resolveSource', 'resolveImage', 'installRelease', 'checkHealth'] as const) {
      story = initialized();
      settle(story);
      watched();
      push(b);
      settle(story, (effect) => effect.kind !== kind);
      expect(story.views.releases.get(`${id}#2`)?.status).toBe('failed');
      expect(types(push(b))).toEqual([]);
      expect(types(push(a))).toEqual([]);
      expect(types(push('c'.repeat(40)))).toEqual(['deployment.requested']);
    }
  });

  it('waits for a release that is being made, and an answer of before that release counts no more', () => {
    watched();
    push(b);
    expect(types(push('c'.repeat(40)))).toEqual([]);
    expect(watchedRemotes(story.views).size).toBe(0);
    settle(story);
    expect(types(push('c'.repeat(40), { latest: 1 }))).toEqual([]);
    expect(types(push('c'.repeat(40)))).toEqual(['deployment.requested']);
  });

  it('does nothing after a rollback, also one that failed or changed nothing, until the next deploy', () => {
    for (const how of ['serves', 'fails', 'noop'] as const) {
      story = initialized();
      settle(story);
      watched();
      push(b);
      settle(story);
      rollback(how === 'noop' ? 2 : 1);
      settle(story, (effect) => how !== 'fails' || effect.kind !== 'installRelease');
      expect(state()).toMatchObject({
        kind: 'rests',
        why: `pinned by the rollback to release ${how === 'noop' ? 2 : 1}`,
      });
      expect(types(push('c'.repeat(40)))).toEqual([]);
      story.ask(deploy());
      settle(story);
      expect(types(push('c'.repeat(40)))).toEqual(['deployment.requested']);
    }
  });

  it.each([{ branch: 'nope' }, { agent: 'okk' }, { repository: 'PloinkyDemo', tag: 'nope' }])(
    'uses the wish of before where a deploy of %o finds no source, and stays away where that was pinned',
    (mistake) => {
      for (const pinned of [false, true]) {
        story = initialized();
        settle(story);
        watched();
        push(b);
        settle(story);
        if (pinned) rollback(1);
        settle(story);
        const before = known();
        story.ask({ ...deploy(), config: { ...deploy().config, ...mistake } });
        settle(story, (effect) => effect.kind !== 'resolveSource');
        expect(known()).toMatchObject({ config: before?.config, pin: before?.pin });
        // What is no branch ends the watch at once, whether it is found or not.
        watch();
        const began = types(push('c'.repeat(40)));
        expect(began).toEqual(pinned ? [] : ['deployment.requested']);
        const latest = story.views.releases.get(`${id}#${known()?.latest}`);
        if (!pinned) expect(latest?.config).toEqual(before?.config);
      }
    },
  );

  it('uses what was wished last where a later stage fails, and where nothing ever had a source', () => {
    watched();
    const next = { ...deploy(), config: { ...deploy().config, branch: 'next' } };
    story.ask(next);
    settle(story, (effect) => effect.kind !== 'resolveImage');
    expect(state()).toMatchObject({ kind: 'follows', branch: 'next' });
    story = initialized();
    settle(story);
    story.ask(next);
    settle(story, (effect) => effect.kind !== 'resolveSource');
    expect(known()).toMatchObject({ status: 'failed', found: null, config: { branch: 'next' } });
  });

  it('whatever fails at its source in a row, and by whatever it is superseded, config and pin are those of before', () => {
    const mistake = fc.record({
      config: fc.constantFrom({ branch: 'nope' }, { agent: 'okk' }, { repository: 'PloinkyDemo' }),
      ends: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.boolean(), fc.array(mistake, { minLength: 1, maxLength: 6 }), (pinned, mistakes) => {
        story = initialized();
        settle(story);
        watched();
        if (pinned) rollback(1);
        settle(story);
        const before = known();
        const fails = () => settle(story, (effect) => effect.kind !== 'resolveSource');
        for (const { config, ends } of mistakes) {
          story.ask({ ...deploy(), config: { ...deploy().config, ...config } });
          if (ends) fails();
        }
        fails();
        expect(known()).toMatchObject({ config: before?.config, pin: before?.pin, watch: before?.watch });
      }),
      { numRuns: 60 },
    );
  });

  it('is followed once for all deployments of a repository', () => {
    watched();
    story.ask({ ...deploy('/more'), watch: true });
    settle(story);
    const remotes = [...watchedRemotes(story.views).values()];
    expect(remotes).toHaveLength(1);
    expect(remotes[0]?.followers.map(({ deployment }) => deployment.id)).toEqual([id, 'localhost/more']);
  });

  it('however often and late it is found, never makes two releases in a row of one commit, and none while pinned', () => {
    const commits = [a, b, 'c'.repeat(40)];
    const step = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), commit: fc.constantFrom(...commits), stale: fc.boolean() }),
      fc.record({ kind: fc.constant('deploy' as const) }),
      fc.record({ kind: fc.constant('rollback' as const) }),
      fc.record({ kind: fc.constant('watch' as const) }),
      fc.record({ kind: fc.constant('unwatch' as const) }),
      fc.record({ kind: fc.constant('settle' as const), works: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        story = initialized();
        settle(story);
        watched();
        for (const one of steps) {
          const before = known();
          if (one.kind === 'deploy') story.ask(deploy());
          else if (one.kind === 'rollback') rollback(1);
          else if (one.kind === 'watch') watch();
          else if (one.kind === 'unwatch') watch(false);
          else if (one.kind === 'settle') settle(story, (effect) => one.works || effect.kind !== 'resolveImage');
          else if (one.kind === 'push') {
            const through = before !== undefined && mayFollow(before);
            const latest = (before?.latest ?? 0) - (one.stale ? 1 : 0);
            const began = types(push(one.commit, { latest })).length > 0;
            if (!began) continue;
            expect([one.stale, through, before?.pin, before?.watch === null]).toEqual([false, true, null, false]);
            const last = story.views.releases.get(`${id}#${before?.latest}`);
            expect(last?.source?.commit ?? last?.push?.commit).not.toBe(one.commit);
            expect(types(push(one.commit))).toEqual([]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
