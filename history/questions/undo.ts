import { Type } from 'typebox';
import { planUndo } from '../plan-undo.ts';
import { defineQuestion } from '../question.ts';

/** What an undo would do now. */
export const undo = defineQuestion({
  summary: 'What would be stored to take one event back, or what stands in the way.',
  args: Type.Object({ seq: Type.Integer({ minimum: 1, description: 'of the event' }) }),
  async answer(past, { seq }) {
    const { store } = await past.stateAt(past.head().seq);
    const { plan } = await planUndo(past, store.views, { seq, reason: null });
    return plan;
  },
});
