import { Type } from 'typebox';
import { eventsById } from '../events-by-id.ts';
import { defineQuestion } from '../question.ts';

/** How far back a cause is looked for: no index knows ids, and what caused an event lies close before it. */
const reachBack = 200_000;

/** What events are that others name as their cause, by id. */
export const causes = defineQuestion({
  summary: 'Number and type of events by their ids; what is no event, or lies too far back, is left out.',
  method: 'POST',
  args: Type.Object({
    ids: Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { maxItems: 1_000, description: 'as in cause' }),
    before: Type.Integer({ minimum: 1, description: 'seq of the last event that has one of them as its cause' }),
  }),
  async answer(past, { ids, before }) {
    const to = Math.min(before, past.head().seq);
    const found = await eventsById(past, ids, { from: Math.max(1, to - reachBack), to });
    return { causes: Object.fromEntries([...found].map(([id, { seq, type }]) => [id, { seq, type }])) };
  },
});
