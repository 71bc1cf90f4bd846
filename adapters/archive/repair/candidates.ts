import { seqOfGroupKey } from '../../../core/log/keys.ts';
import { unseal } from '../../../core/log/sealed.ts';
import type { StoredFiles } from './stored-files.ts';

/** One value that was found for a commit group. */
export interface Candidate {
  readonly first: number;
  readonly lines: readonly string[];
  /** Its checksum fits: nothing in it was changed since it was stored. */
  readonly whole: boolean;
}

const checksumWidth = 8;

/** The groups in order, with all values that were found for each. */
export async function* candidates(files: StoredFiles): AsyncGenerator<readonly Candidate[]> {
  for await (const { key, values } of files.events()) {
    const first = seqOfGroupKey(key);
    if (!Number.isSafeInteger(first) || first < 1) continue;
    yield values.map((value) => {
      const content = unseal(key, value);
      return { first, lines: (content ?? value.slice(checksumWidth)).split('\n'), whole: content !== null };
    });
  }
}
