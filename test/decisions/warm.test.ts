import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Balancer } from '../../adapters/tasks/balancer.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { containerName } from '../../core/names/names.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { scalingOf } from '../../decisions/scaling.ts';
import { servingAmong } from '../../decisions/wanted-containers.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../story.ts';

const id = 'localhost/demo';
let story: Story;
let balancer: Balancer;
beforeEach(() => {
  story = initialized();
  balancer = new Balancer({ views: story.views, cloudId, now: () => story.clock }, () => 0);
});

const nameOf = (replica: number) => containerName(id, 1, cloudId, replica);
const healthy = () =>
  [...story.views.containers.values()]
    .filter(({ status }) => status === 'healthy')
    .map(({ replica }) => replica)
    .sort();
const picked = () => [...new Set(Array.from({ length: 8 }, () => balancer.pick(id).replica))].sort();
const scale = (replicas: number) => story.ask({ type: 'scale', domain: 'localhost', path: '/demo', replicas });
const exited = (replica: number): PloinkyDraft => ({
  type: 'container.exited',
  stream: `container:${nameOf(replica)}`,
  data: { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' },
});

describe('containers that are kept warm', () => {
  it('run and answer, and get nothing', () => {
    story.ask({ ...deploy('/demo', 'warm'), replicas: 2 });
    settle(story);
    expect(healthy()).toEqual([1, 2, 3, 4]);
    expect(picked()).toEqual([1, 2]);
    const { serving, missing } = scalingOf(story.views, id);
    expect([serving.map(({ replica }) => replica), missing]).toEqual([[1, 2], []]);
  });

  it('are not waited for by a release', () => {
    story.ask(deploy('/demo', 'warm'));
    settle(story, () => true);
    story.ask(deploy('/demo', 'warm'));
    // One of the three is slow to answer.
    for (let round = 0; round < 100; round += 1) {
      const effect = reconcile(story.views).find((each) => !('container' in each) || !each.container.includes('-2.3-'));
      if (!effect) break;
      story.tell(...outcome(story, effect, true));
    }
    expect(story.views.deployments.get(id)?.routed).toBe(2);
    expect(reconcile(story.views).map(({ kind }) => kind)).toEqual(['startContainer']);
  });

  it('step in at once when one that serves ends, until it answers again', () => {
    story.ask(deploy('/demo', 'warm'));
    settle(story);
    story.tell(exited(1));
    expect(picked()).toEqual([2]);
    expect(scalingOf(story.views, id)).toMatchObject({ missing: [], troubled: [] });
    story.tell(exited(2));
    expect(picked()).toEqual([3]);
    settle(story);
    expect(picked()).toEqual([1]);
  });

  it('step in for one that refuses, before anybody knows why', () => {
    story.ask(deploy('/demo', 'warm'));
    settle(story);
    const [first] = [balancer.pick(id)];
    balancer.refused(first);
    expect(balancer.pickOther(id, new Set([first.name]))?.replica).toBe(2);
    expect(picked()).toEqual([2]);
  });

  it('serve at once when more are wanted, and are made up for', () => {
    story.ask(deploy('/demo', 'warm'));
    settle(story);
    scale(3);
    expect(picked()).toEqual([1, 2, 3]);
    settle(story);
    expect(healthy()).toEqual([1, 2, 3, 4, 5]);
    scale(1);
    expect(picked()).toEqual([1]);
    settle(story);
    expect(healthy()).toEqual([1, 2, 3]);
  });

  it('are those with the highest numbers among those that answer, and as many serve as there are to be', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 20 })),
        fc.integer({ min: 1, max: 8 }),
        (numbers, replicas) => {
          const answering = [...numbers].sort((a, b) => a - b);
          const serving = servingAmong(answering, { replicas });
          expect(serving).toHaveLength(Math.min(replicas, answering.length));
          const warm = answering.filter((number) => !serving.includes(number));
          for (const number of warm) expect(number).toBeGreaterThan(Math.max(...serving));
        },
      ),
    );
  });
});
