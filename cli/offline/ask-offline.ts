import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { Past } from '../../history/past.ts';
import { type AnswerTo, type ArgsOf, type QuestionName, questions } from '../../history/questions.ts';
import { dataFolder, withLog } from './open-log.ts';

export function askOffline<Name extends QuestionName>(
  cwd: string,
  dir: string,
  name: Name,
  args: ArgsOf<Name>,
): Promise<AnswerTo<Name>> {
  return withLog(cwd, dir, { readOnly: true }, (log) => {
    const past = new Past({ log, blobs: createFileBlobStore(dataFolder(cwd, dir)), now: Date.now });
    const answer = questions[name].answer as (past: Past, args: ArgsOf<Name>) => Promise<AnswerTo<Name>>;
    return answer(past, args);
  });
}
