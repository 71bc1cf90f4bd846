import { causes } from './questions/causes.ts';
import { diff } from './questions/diff.ts';
import { moment } from './questions/moment.ts';
import { rollback } from './questions/rollback.ts';
import { secrets } from './questions/secrets.ts';
import { state } from './questions/state.ts';
import { task } from './questions/task.ts';
import { tasks } from './questions/tasks.ts';
import { timeline } from './questions/timeline.ts';
import { undo } from './questions/undo.ts';
import { whatif } from './questions/whatif.ts';
import { why } from './questions/why.ts';

/** Everything that can be asked of the past, by name. */
export const questions = {
  moment,
  causes,
  state,
  diff,
  timeline,
  rollback,
  undo,
  why,
  task,
  tasks,
  whatif,
  secrets,
};

export type QuestionName = keyof typeof questions;
export type AnswerTo<Name extends QuestionName> = Awaited<ReturnType<(typeof questions)[Name]['answer']>>;
export type ArgsOf<Name extends QuestionName> = Parameters<(typeof questions)[Name]['answer']>[1];
