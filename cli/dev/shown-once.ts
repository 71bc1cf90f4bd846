import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { messageParts, sentenceOf } from '../history/message-lines.ts';
import type { StreamedOutput } from './stream-output.ts';

/** For lines that were written before the release failed and have not come yet. */
const onTheirWayMs = 2_000;

/** The error of a release without what it wrote, where that is shown as its output; then it is shown before the error. */
export async function shownOnce(error: unknown, output: StreamedOutput, release: number): Promise<unknown> {
  if (!(error instanceof PloinkyError)) return error;
  const { below } = messageParts(error.message);
  if (below.length === 0 || !(await output.has(release, below, onTheirWayMs))) return error;
  output.release();
  const { code, hint, details, message } = error;
  return new PloinkyError(code, `${sentenceOf(message)} What it wrote is above.`, { hint, cause: error, details });
}
