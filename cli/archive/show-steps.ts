import type { Step } from '../../core/clock/steps.ts';
import type { Session } from '../session.ts';
import { bar, count, counted } from '../terminal/bar.ts';
import { Progress } from '../terminal/progress.ts';
import { t } from '../terminal/text.ts';

/** A stage in the words of a command: its name, and what is counted in it. */
export interface StageWords {
  readonly name: string;
  readonly unit: string;
}

/**
 * Shows the steps of something that takes long, each stage with what was done of it, the rate and the elapsed time, and
 * answers with its result. Ctrl-C ends the work. @throws what the work throws, after the stage was marked as failed
 */
export async function showSteps<T>(
  session: Session,
  work: AsyncGenerator<Step, T>,
  words: (stage: string) => StageWords,
): Promise<T> {
  const progress = new Progress(session.out, session.surroundings);
  let last: Step | undefined;
  const ended = () => {
    if (last) progress.done(t`${counted(last.done, words(last.stage).unit)}`);
  };
  const { signal } = session.surroundings;
  try {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const { done, value } = await work.next();
      if (done) {
        ended();
        return value;
      }
      if (value.stage !== last?.stage) {
        ended();
        progress.begin(words(value.stage).name);
      }
      last = value;
      progress.at(stepText(value, words(value.stage)));
    }
  } catch (error) {
    if (last) progress.failed(t`after ${counted(last.done, words(last.stage).unit)}`);
    throw error;
  } finally {
    // After Ctrl-C the work takes back what it had begun.
    await work.return(undefined as never);
    progress.close();
  }
}

function stepText({ done, of, rate }: Step, { unit }: StageWords) {
  const all = of === null ? t`${counted(done, unit)}` : t`${count(done)} of ${counted(of, unit)}`;
  return t`${bar(done, of)}${all}${rate > 0 ? `  ${count(rate)}/s` : ''}`;
}
