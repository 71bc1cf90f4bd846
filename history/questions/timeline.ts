import { Type } from 'typebox';
import { defineQuestion } from '../question.ts';
import { timelineOf } from '../timeline.ts';

/** The releases of a deployment, from first to last. */
export const timeline = defineQuestion({
  summary: 'Every release of a deployment, removed ones included: source, image, configuration, outcome and reason.',
  args: Type.Object({
    deployment: Type.String({ minLength: 1, maxLength: 2_000, description: 'id, e.g. localhost/demo' }),
  }),
  answer: (past, { deployment }) => timelineOf(past, deployment),
});
