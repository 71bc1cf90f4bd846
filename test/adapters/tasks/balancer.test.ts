import { beforeEach, describe, expect, it } from 'vitest';
import { Balancer } from '../../../adapters/tasks/balancer.ts';
import { isPloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { containerName } from '../../../core/names/names.ts';
import { settle } from '../../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../../story.ts';

const id = 'localhost/demo';
const problem = { code: 'NOT_HEALTHY', message: 'scripted', hint: null };
let story: Story;
let loads: Map<string, number>;
let balancer: Balancer;
let monotonic = 0;

beforeEach(() => {
  story = initialized();
  loads = new Map();
  const world = { views: story.views, cloudId, now: () => story.clock };
  balancer = new Balancer(
    world,
    ({ name }) => loads.get(name) ?? 0,
    () => monotonic,
  );
});

const nameOf = (replica: number, release = 1) => containerName(id, release, cloudId, replica);
const picks = (times: number) => Array.from({ length: times }, () => balancer.pick(id).replica);
const scale = (replicas: number) => story.ask({ type: 'scale', domain: 'localhost', path: '/demo', replicas });
const exited = (replica: number): PloinkyDraft => ({
  type: 'container.exited',
  stream: `container:${nameOf(replica)}`,
  data: { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' },
});

function serving(replicas: number): void {
  story.ask({ ...deploy(), replicas });
  settle(story);
}

function refusal(): string {
  try {
    balancer.pick(id);
  } catch (error) {
    if (isPloinkyError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it was picked');
}

describe('a deployment that serves', () => {
  it('with one container gives that one', () => {
    serving(1);
    expect(balancer.pick(id)).toBe(story.views.containers.get(nameOf(1)));
  });

  it('with several gives the least busy, by turns where they are as busy as each other', () => {
    serving(3);
    expect(picks(4)).toEqual([1, 2, 3, 1]);
    loads.set(nameOf(1), 2).set(nameOf(2), 1).set(nameOf(3), 2);
    expect(picks(2)).toEqual([2, 2]);
  });

  it('gives the container as it is now, not as it was', () => {
    serving(2);
    const before = balancer.pick(id);
    story.tell({ type: 'container.adopted', stream: `container:${before.name}`, data: { engineId: 'id' } });
    settle(story);
    const after = picks(2).map((replica) => story.views.containers.get(nameOf(replica)));
    expect(after).toContain(story.views.containers.get(before.name));
    expect(after).not.toContain(before);
  });

  it('gives one that the next run of the server took over, while that asks whether it is still well', () => {
    serving(1);
    story.tell({ type: 'container.adopted', stream: `container:${nameOf(1)}`, data: { engineId: 'id' } });
    expect(picks(1)).toEqual([1]);
    story.tell({ type: 'container.unhealthy', stream: `container:${nameOf(1)}`, data: { problem } });
    expect(refusal()).toMatch(/AGENT_UNREACHABLE/);
  });

  it('gives none that ended, until it answers again', () => {
    serving(3);
    story.tell(exited(2));
    expect(new Set(picks(6))).toEqual(new Set([1, 3]));
    settle(story);
    expect(new Set(picks(6))).toEqual(new Set([1, 2, 3]));
  });

  it('gives none that is one too many, from the moment in which it was scaled down', () => {
    serving(3);
    scale(1);
    expect(new Set(picks(4))).toEqual(new Set([1]));
  });

  it('gives new ones once they answer', () => {
    serving(1);
    scale(2);
    expect(new Set(picks(4))).toEqual(new Set([1]));
    settle(story);
    expect(new Set(picks(4))).toEqual(new Set([1, 2]));
  });

  it('gives those of the next release once that serves', () => {
    serving(2);
    story.ask(deploy());
    settle(story);
    expect(picks(2).map(() => balancer.pick(id).release)).toEqual([2, 2]);
  });
});

describe('a container that refused a connection', () => {
  it('is passed over for two seconds', () => {
    serving(3);
    balancer.refused(balancer.pick(id));
    expect(picks(4)).toEqual([2, 3, 2, 3]);
    monotonic += 1_999;
    expect(picks(1)).toEqual([2]);
    monotonic += 1;
    expect(picks(3)).toEqual([3, 1, 2]);
  });

  it('is given all the same where no other is left', () => {
    serving(2);
    for (const container of [balancer.pick(id), balancer.pick(id)]) balancer.refused(container);
    expect(new Set(picks(2))).toEqual(new Set([1, 2]));
  });

  it('begins anew when it was started again', () => {
    serving(2);
    balancer.refused(balancer.pick(id));
    story.tell(exited(1));
    settle(story);
    expect(new Set(picks(2))).toEqual(new Set([1, 2]));
  });

  it('gives way to one that did not refuse the same, as long as there is one', () => {
    serving(2);
    const first = balancer.pick(id);
    balancer.refused(first);
    const second = balancer.pickOther(id, new Set([first.name]));
    expect(second?.replica).toBe(2);
    expect(balancer.pickOther(id, new Set([first.name, nameOf(2)]))).toBeNull();
    expect(balancer.pickOther('localhost/nothing', new Set())).toBeNull();
  });
});

describe('a deployment that does not serve', () => {
  it('is refused: unknown, not ready, failed, removed', () => {
    expect(refusal()).toBe(`DEPLOYMENT_NOT_FOUND: Nothing is deployed at ${id}.`);
    story.ask(deploy());
    expect(refusal()).toMatch('its first release is still being made');
    settle(story, ({ kind }) => kind !== 'checkHealth');
    expect(refusal()).toMatch('its deploy failed');
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    expect(refusal()).toMatch('DEPLOYMENT_NOT_FOUND');
  });

  it('because it serves files says that there is nothing to call', () => {
    story.ask(deploy('/demo', 'site'));
    settle(story);
    expect(refusal()).toBe('TAKES_NO_TASKS: localhost/demo serves files, and has no commands.');
  });

  it('since all its containers ended says when the first of them starts again', () => {
    serving(2);
    story.tell(exited(1));
    story.clock += 400;
    story.tell(exited(2));
    expect(refusal()).toBe(
      `AGENT_UNREACHABLE: ${id} does not answer at the moment: it is down (exited with code 1); it starts again in 1 s.`,
    );
  });
});
