import { Type } from 'typebox';
import { causeChain } from '../cause-chain.ts';
import { defineQuestion } from '../question.ts';
import { findSubject } from '../subject.ts';

/** Why something is as it is: the events that led to it, each the cause of the next. */
export const why = defineQuestion({
  summary: 'The chain of causes from the outside request to a deployment, container, task or event.',
  args: Type.Object({
    of: Type.String({
      minLength: 1,
      maxLength: 1_200,
      description: 'a deployment (localhost/demo), release (localhost/demo#2), container, task, seq or event id',
    }),
  }),
  async answer(past, { of }) {
    const { kind, name, event } = await findSubject(past, of);
    const { events, unresolved } = await causeChain(past, event);
    return { subject: { kind, name }, chain: events, unresolved };
  },
});
