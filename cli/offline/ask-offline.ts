import type { Past } from '../../history/past.ts';
import { type AnswerTo, type ArgsOf, type QuestionName, questions } from '../../history/questions.ts';
import { offlinePast } from './offline-past.ts';
import { withLog } from './open-log.ts';

export function askOffline<Name extends QuestionName>(
  cwd: string,
  dir: string,
  name: Name,
  args: ArgsOf<Name>,
): Promise<AnswerTo<Name>> {
  return withLog(cwd, dir, { readOnly: true }, (log) => {
    const past = offlinePast(log, cwd, dir);
    const answer = questions[name].answer as (past: Past, args: ArgsOf<Name>) => Promise<AnswerTo<Name>>;
    return answer(past, args);
  });
}
