import { Type } from 'typebox';
import { defineQuestion } from '../question.ts';
import { MomentText } from './schemas.ts';

/** Which event a moment names. */
export const moment = defineQuestion({
  summary: 'The event that a moment names, and the last one there is.',
  args: Type.Object({ at: MomentText('the moment') }),
  async answer(past, { at }) {
    return { seq: await past.find(at), head: past.head().seq };
  },
});
