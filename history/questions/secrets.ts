import { Type } from 'typebox';
import { listSecrets } from '../list-secrets.ts';
import { defineQuestion } from '../question.ts';
import { MomentText } from './schemas.ts';

/** Names and versions of secrets, and who needs them. */
export const secrets = defineQuestion({
  summary: 'The secrets of a moment, with their versions and the releases that needed them.',
  args: Type.Object({ at: Type.Optional(MomentText('the moment; default: now')) }),
  async answer(past, { at }) {
    const { seq, store } = await past.stateAt(at === undefined ? past.head().seq : await past.find(at));
    return { seq, secrets: listSecrets(store.views) };
  },
});
