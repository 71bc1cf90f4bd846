import { beforeEach, describe, expect, it } from 'vitest';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { Store } from '../../core/kernel/store.ts';
import { containerName } from '../../core/names/names.ts';
import type { Decision } from '../../decisions/commands.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { scalingOf } from '../../decisions/scaling.ts';
import { beforeOf, placeBefore } from '../../decisions/undo-before.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, config, deploy, initialized, type Story } from '../story.ts';

const id = 'localhost/demo';
const place = { domain: 'localhost', path: '/demo' };
let story: Story;
beforeEach(() => {
  story = initialized();
  settle(story);
});

const scale = (replicas: number) => story.ask({ type: 'scale', ...place, replicas });
const code = (decision: Decision) => (decision.kind === 'refused' ? decision.problem.code : null);
const types = (decision: Decision) => (decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : []);
const replicas = () => story.views.deployments.get(id)?.replicas;
const names = () => [...story.views.containers.values()].map(({ name }) => name).sort();
const nameOf = (replica: number, release = 1) => containerName(id, release, cloudId, replica);
const newest = (type: PloinkyEvent['type']) => story.events.findLast((event) => event.type === type) as PloinkyEvent;

function undo(event: PloinkyEvent): Decision {
  const store = new Store<Views>(projections);
  store.replay(story.events.slice(0, placeBefore(story.views, event)));
  const before = beforeOf(store.views, event);
  const later = story.events.slice(event.seq);
  return story.ask({ type: 'undo', event, before, later, url: 'bundled:PloinkyDemo', reason: null }, event.id);
}

describe('a scaling', () => {
  it('changes nothing where the number is the same, and is refused without a deployment', () => {
    expect(code(scale(2))).toBe('DEPLOYMENT_NOT_FOUND');
    story.ask(deploy());
    expect(types(scale(1))).toEqual([]);
    story.ask({ type: 'undeploy', ...place, reason: null });
    expect(code(scale(2))).toBe('DEPLOYMENT_NOT_FOUND');
  });

  it.each([0, -1, 65, 1.5])('to %d is refused, also as part of a deploy', (number) => {
    expect(code(story.ask({ ...deploy(), replicas: number }))).toBe('REPLICAS_INVALID');
    story.ask(deploy());
    expect(code(scale(number))).toBe('REPLICAS_INVALID');
  });

  it('of a site that serves its files is refused, and goes with a deploy', () => {
    expect(types(story.ask({ ...deploy('/demo', 'site'), replicas: 2 }))).toContain('deployment.scaled');
    settle(story);
    expect(code(scale(3))).toBe('REPLICAS_INVALID');
    expect(types(scale(1))).toEqual(['deployment.scaled']);
    expect(code(scale(2))).toBe('REPLICAS_INVALID');
  });

  it('names the undeploy to whoever wants none', () => {
    story.ask(deploy());
    const decision = scale(0);
    expect(decision).toMatchObject({ problem: { hint: expect.stringContaining('undeploy localhost /demo') } });
  });

  it('goes with a deploy in one append, once, and later deploys keep it', () => {
    expect(types(story.ask({ ...deploy(), replicas: 3 }))).toEqual(['deployment.requested', 'deployment.scaled']);
    settle(story);
    expect(names()).toEqual([nameOf(1), nameOf(2), nameOf(3)].sort());
    expect(types(story.ask(deploy()))).toEqual(['deployment.requested']);
    settle(story);
    expect(names()).toEqual([nameOf(1, 2), nameOf(2, 2), nameOf(3, 2)].sort());
  });

  it('ends with the deployment: the next one there has one replica', () => {
    story.ask({ ...deploy(), replicas: 3 });
    settle(story);
    story.ask({ type: 'undeploy', ...place, reason: null });
    settle(story);
    story.ask(deploy());
    expect(replicas()).toBe(1);
  });

  it('is kept by a rollback', () => {
    story.ask(deploy());
    settle(story);
    story.ask({ ...deploy(), config: { ...config, environment: { A: '2' } } });
    settle(story);
    scale(2);
    const back = { type: 'rollback', ...place, target: 1, url: 'bundled:PloinkyDemo', secrets: 'then' } as const;
    story.ask({ ...back, reason: null, expectSeq: null });
    settle(story);
    expect(story.views.deployments.get(id)).toMatchObject({ routed: 3, replicas: 2 });
    expect(names()).toEqual([nameOf(1, 3), nameOf(2, 3)].sort());
  });
});

describe('what follows', () => {
  it('starts what is missing and stops the highest numbers, because of the scaling and in its trace', () => {
    story.ask(deploy());
    settle(story);
    scale(3);
    const because = { cause: newest('deployment.scaled').id, trace: newest('deployment.scaled').trace };
    expect(reconcile(story.views)).toMatchObject(
      [2, 3].map((n) => ({ kind: 'startContainer', container: nameOf(n), replica: n, lane: nameOf(n), ...because })),
    );
    settle(story);
    scale(1);
    const reason = 'its deployment was scaled to 1 replica';
    expect(reconcile(story.views)).toMatchObject(
      [2, 3].map((n) => ({
        kind: 'stopContainer',
        container: nameOf(n),
        reason,
        cause: newest('deployment.scaled').id,
      })),
    );
  });

  it('goes all the way out before a container of the same name begins, when the number is raised again meanwhile', () => {
    story.ask({ ...deploy(), replicas: 2 });
    settle(story);
    scale(1);
    const [stop] = reconcile(story.views);
    if (!stop) throw new Error('nothing is stopped');
    story.tell(...outcome(story, stop, true).slice(0, 1));
    scale(2);
    expect(reconcile(story.views).map(({ kind }) => kind)).toEqual(['stopContainer']);
    settle(story);
    expect(scalingOf(story.views, id)).toMatchObject({ missing: [], surplus: [] });
  });

  it('is told: what is missing, what is in trouble, what is too many', () => {
    story.ask({ ...deploy(), replicas: 3 });
    expect(scalingOf(story.views, id)).toEqual({ replicas: [], serving: [], missing: [], troubled: [], surplus: [] });
    settle(story);
    expect(scalingOf(story.views, id).missing).toEqual([]);
    story.tell({ type: 'container.lost', stream: `container:${nameOf(1)}`, data: { reason: 'gone' } });
    scale(2);
    const { missing, troubled, surplus } = scalingOf(story.views, id);
    expect([missing, troubled, surplus].map((all) => all.map(({ replica }) => replica))).toEqual([[1], [1], [3]]);
  });
});

describe('undone', () => {
  beforeEach(() => {
    story.ask(deploy());
    settle(story);
  });

  it('it is scaled back', () => {
    scale(3);
    expect(undo(newest('deployment.scaled'))).toMatchObject({ events: [{ data: { replicas: 1, previous: 3 } }] });
    expect(replicas()).toBe(1);
  });

  it('not twice, and not past a later scaling or the end of the deployment', () => {
    scale(3);
    const first = newest('deployment.scaled');
    scale(2);
    expect(code(undo(first))).toBe('UNDO_BLOCKED');
    undo(newest('deployment.scaled'));
    undo(first);
    expect(code(undo(first))).toBe('UNDO_IMPOSSIBLE');
    scale(2);
    const last = newest('deployment.scaled');
    story.ask({ type: 'undeploy', ...place, reason: null });
    expect(code(undo(last))).toBe('UNDO_BLOCKED');
  });

  it('a deploy takes its number of replicas with it, and brings it again when that is undone', () => {
    story.ask({ ...deploy(), config: { ...config, environment: { A: '2' } }, replicas: 3 });
    settle(story);
    const request = newest('deployment.requested');
    expect(types(undo(request))).toEqual(['deployment.requested', 'deployment.scaled']);
    settle(story);
    expect(story.views.deployments.get(id)).toMatchObject({ routed: 3, replicas: 1 });
    const again = undo(request);
    expect(again).toMatchObject({
      problem: { hint: expect.stringContaining(`undo ${newest('deployment.requested').seq}`) },
    });
    undo(newest('deployment.requested'));
    settle(story);
    expect(story.views.deployments.get(id)).toMatchObject({ routed: 4, replicas: 3 });
  });

  it('a deploy leaves a number alone that was chosen since', () => {
    story.ask({ ...deploy(), config: { ...config, environment: { A: '2' } }, replicas: 3 });
    settle(story);
    scale(2);
    expect(types(undo(newest('deployment.requested')))).toEqual(['deployment.requested']);
    expect(replicas()).toBe(2);
  });

  it('the first deploy is blocked by a later scaling, not by its own', () => {
    story.ask({ ...deploy('/other'), replicas: 2 });
    settle(story);
    const first = story.events.findLast(({ type }) => type === 'deployment.requested') as PloinkyEvent;
    story.ask({ type: 'scale', domain: 'localhost', path: '/other', replicas: 3 });
    expect(code(undo(first))).toBe('UNDO_BLOCKED');
    undo(newest('deployment.scaled'));
    expect(types(undo(first))[0]).toBe('deployment.removed');
  });

  it('a removal brings back as many as there were', () => {
    scale(3);
    settle(story);
    story.ask({ type: 'undeploy', ...place, reason: null });
    settle(story);
    undo(newest('deployment.removed'));
    settle(story);
    expect(replicas()).toBe(3);
    expect(names()).toEqual([nameOf(1, 2), nameOf(2, 2), nameOf(3, 2)].sort());
  });
});
