import { describe, expect, it } from 'vitest';
import { guardedViews } from '../../../core/kernel/guarded-views.ts';
import { Store } from '../../../core/kernel/store.ts';
import { decide } from '../../../decisions/decide.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { deploy, initialized } from '../../story.ts';

/** A store in which two projections met an event that they cannot take. */
function stoppedStore(): Store<Views> {
  const store = new Store<Views>(projections);
  const { events } = initialized();
  const data = { release: 1, previous: null };
  const poison = { ...(events[0] as (typeof events)[0]), type: 'deployment.routed', stream: 'deployment:none/x', data };
  store.replay([...events, { ...poison, seq: events.length + 1 }]);
  return store;
}

describe('views of a store in which projections stopped', () => {
  const store = stoppedStore();
  const views = guardedViews(store);

  it('refuse to tell of those, with the name, the event and why', () => {
    expect([...store.stopped.keys()]).toEqual(['deployments', 'releases']);
    expect(() => views.deployments).toThrowError(
      expect.objectContaining({
        code: 'PROJECTION_STOPPED',
        status: 503,
        message: expect.stringMatching(/deployments stopped at event \d+: deployment\.routed .*"absent"/),
        details: { projection: 'deployments', seq: store.seq },
      }),
    );
  });

  it('tell of the others, also of what comes later', () => {
    expect(views.cloud.get('cloud')?.cloudId).toBeTruthy();
    const [first] = initialized().events;
    const data = { name: 'lastLogsLines', value: 7, previous: null };
    const later = { ...(first as NonNullable<typeof first>), type: 'setting.changed', data, seq: store.seq + 1 };
    store.apply([later as never]);
    expect(views.cloud.get('cloud')?.settings).toMatchObject({ lastLogsLines: 7 });
  });

  it('let decide what does not need them, and nothing else', () => {
    expect(decide(views, { type: 'addDomain', name: 'a.example', enabled: true }).kind).toBe('accepted');
    expect(() => decide(views, deploy())).toThrowError(expect.objectContaining({ code: 'PROJECTION_STOPPED' }));
  });
});
