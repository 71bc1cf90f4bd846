import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { AnyProjection } from '../../core/kernel/projection.ts';
import { illegal } from '../../core/kernel/transition.ts';
import { compareReducers } from '../../history/compare-reducers.ts';
import { type Projections, WatchedFold } from '../../history/watched-fold.ts';
import { projections } from '../../projections/registry.ts';
import { twoReleases } from './recorded.ts';

const events = twoReleases().events;

/** Events after which something is left that a reducer could have made different. */
const leaving = new Set<number>();
const watched = new WatchedFold(projections);
for (const event of events) if (watched.fold(event).touched.some(({ after }) => after)) leaving.add(event.seq);

async function* eachOf(all: readonly PloinkyEvent[]) {
  yield* all;
}

const compare = (theirs: Projections) => compareReducers(eachOf(events), projections, theirs, () => {});

/** The same reducers, but one of them does something else from an event on. */
function changed(name: keyof typeof projections, evolve: AnyProjection['evolve']): Projections {
  const original: AnyProjection = projections[name];
  return { ...projections, [name]: { ...original, evolve } };
}

describe('two versions of the reducers, side by side', () => {
  it('make the same of a history that they agree on', async () => {
    expect(await compare({ ...projections })).toMatchObject({ events: events.length, first: null, onlyOurs: [] });
  });

  it('are told apart at the event that made the difference, also where a later one heals it', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: events.length }), async (seq) => {
        const theirs = Object.fromEntries(
          Object.entries(projections).map(([name, projection]) => {
            const { evolve } = projection as AnyProjection;
            const other: AnyProjection['evolve'] = (draft, event) => {
              const next = evolve(draft, event);
              if (event.seq !== seq || next === null) return next;
              const entity = next ?? draft;
              entity.odd = true;
              return next;
            };
            return [name, { ...projection, evolve: other }];
          }),
        );
        const { first } = await compare(theirs as Projections);
        if (leaving.has(seq)) expect(first?.event.seq).toBe(seq);
        expect(first === null || first.event.seq === seq).toBe(true);
      }),
    ));

  it('shows both entities and where they differ', async () => {
    const { evolve } = projections.deployments;
    const { first } = await compare(
      changed('deployments', (draft, event) => {
        const next = evolve(draft, event);
        if (event.type === 'deployment.routed' && draft) draft.status = 'failed';
        return next;
      }),
    );
    expect(first).toMatchObject({
      event: { type: 'deployment.routed', seq: events.find(({ type }) => type === 'deployment.routed')?.seq },
      projection: 'deployments',
      key: 'localhost/demo',
      changes: [{ path: 'status', before: 'active', after: 'failed' }],
    });
  });

  it('says that a projection stopped on one side', async () => {
    const { evolve } = projections.tasks;
    const { first } = await compare(
      changed('tasks', (draft, event) => {
        if (event.type === 'task.failed') throw illegal(event, 'mood');
        return evolve(draft, event);
      }),
    );
    expect(first).toMatchObject({ event: { type: 'task.failed' }, projection: 'tasks', key: null });
    expect(first?.theirs).toEqual({ stopped: expect.stringContaining('cannot follow from the state "mood"') });
    expect(first?.ours).toEqual({ stopped: null });
  });

  it('names projections that one side alone has', async () => {
    const { usage: _, ...without } = projections;
    expect(await compare(without)).toMatchObject({ first: null, onlyOurs: ['usage'], onlyTheirs: [] });
    expect(await compare({ ...projections, extra: projections.usage })).toMatchObject({ onlyTheirs: ['extra'] });
  });

  it('shows no hash that a key is checked against', async () => {
    const { evolve } = projections.keys;
    const { first } = await compare(
      changed('keys', (draft, event) => {
        const next = evolve(draft, event);
        return next ? { ...next, status: 'revoked' as const } : next;
      }),
    );
    expect(first?.projection).toBe('keys');
    expect(JSON.stringify(first?.ours) + JSON.stringify(first?.theirs) + JSON.stringify(first?.changes)).not.toContain(
      'hash',
    );
  });
});
