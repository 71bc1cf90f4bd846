import { join } from 'node:path';
import { isPloinkyError, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { candidates } from './candidates.ts';
import { salvage } from './salvage.ts';
import { StoredFiles } from './stored-files.ts';

/** The last event that is good from event 1 on, read out of the files of a data folder without opening them. */
async function goodUpTo(data: string): Promise<number> {
  const files = await StoredFiles.open([join(data, 'log')], () => {});
  let last = 0;
  await salvage(candidates(files, data), {
    async keep(_line, seq) {
      last = seq;
    },
    async beginDeleted() {},
    async skip({ to }) {
      last = to;
    },
    async aside() {},
  });
  return last;
}

/**
 * Damage that was noticed in a file, and not in an event, says which event is the first that it concerns.
 * @param head the last event that there should be, where it is known
 */
export async function naming(error: unknown, data: string, head: number | null): Promise<unknown> {
  if (!isPloinkyError(error, 'LOG_DAMAGED')) return error;
  const details = (error.details ?? {}) as { from?: number };
  if (details.from !== undefined) return error;
  const good = await goodUpTo(data).catch(() => null);
  if (good === null) return error;
  const all = head !== null && good >= head;
  const found = all
    ? `Every event up to ${good} can still be read.`
    : `The first event that cannot be read is ${good + 1}.`;
  return new PloinkyError('LOG_DAMAGED', `${error.message} ${found}`, {
    hint: error.hint,
    cause: error,
    details: { ...details, good, ...(all ? {} : { from: good + 1 }) },
  });
}
