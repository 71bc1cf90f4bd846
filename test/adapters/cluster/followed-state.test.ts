import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captureFollowed, followedTypes, followingStore } from '../../../adapters/cluster/followed-state.ts';
import { gatewayViews } from '../../../adapters/http/gateway/gateway-surroundings.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { Store } from '../../../core/kernel/store.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { deploy, initialized, type Story } from '../../story.ts';

const overTheChannel = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

function call(n: number): PloinkyDraft {
  const taskId = `task-${n}`;
  const where = { deployment: 'localhost/a0', release: 1, container: 'c', bootId: null };
  const asked = { priority: 'normal', callback: null } as const;
  const data = { ...where, ...asked, taskId, command: 'hello', params: [], runForUserId: 'u', timeoutMs: 1_000 };
  return { type: 'task.enqueued', stream: `task:${taskId}`, data };
}

/** Configuration in between calls. */
function told(steps: readonly string[]): Story {
  const story = initialized();
  for (const [n, step] of steps.entries()) {
    if (step === 'task') story.tell(call(n));
    else if (step === 'deploy') story.ask(deploy(`/a${n % 3}`));
    else if (step === 'undeploy')
      story.ask({ type: 'undeploy', domain: 'localhost', path: `/a${n % 3}`, reason: null });
    else if (step === 'setting') story.ask({ type: 'changeSettings', values: { enableAuth: n % 2 === 0 } });
    else story.ask({ type: 'addDomain', name: `d${n % 4}.example`, enabled: true });
  }
  return story;
}

const gatewayState = (views: Partial<Views>) =>
  Object.fromEntries(gatewayViews.map((name) => [name, [...(views[name] as ReadonlyMap<string, unknown>)].sort()]));

describe('the state that a worker follows', () => {
  it('is that of the owner of the log at every moment, whenever it began and without the events of tasks', () => {
    const step = fc.constantFrom('task', 'deploy', 'undeploy', 'setting', 'domain');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat(40), (steps, at) => {
        const { events } = told(steps);
        const owner = new Store<Views>(projections);
        owner.apply(events.slice(0, at));
        const worker = followingStore(overTheChannel(captureFollowed(owner)));
        for (const event of events.slice(at)) {
          owner.apply([event]);
          if (followedTypes.includes(event.type)) worker.follow([overTheChannel(event)]);
          expect(overTheChannel(gatewayState(worker.views))).toEqual(overTheChannel(gatewayState(owner.views)));
        }
        expect([...worker.stopped]).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('holds nothing that the gateway does not look at, and no event of a task is sent', () => {
    const { state } = captureFollowed(told(['deploy', 'task']).store);
    expect(Object.keys(state.entities)).toEqual([...gatewayViews]);
    expect(followedTypes.filter((type) => type.startsWith('task.'))).toEqual([]);
  });

  it('goes forward only', () => {
    const { events, store } = told(['deploy']);
    const worker = followingStore(captureFollowed(store));
    expect(() => worker.follow(events.slice(-1))).toThrow(/came after/);
  });

  it('is stopped where the owner of the log is', () => {
    const { store } = told(['deploy']);
    const details = { projection: 'deployments', seq: 3 };
    store.stopped.set('deployments', new PloinkyError('TRANSITION_ILLEGAL', 'no', { details }));
    const worker = followingStore(overTheChannel(captureFollowed(store)));
    expect(worker.stopped.get('deployments')).toMatchObject({ code: 'TRANSITION_ILLEGAL', message: 'no', details });
  });
});
