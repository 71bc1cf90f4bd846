import { LocalGitError } from './local-git.ts';
import type { ObjectReader } from './object-reader.ts';
import { tooLarge } from './tree.ts';

/** First paragraph of a commit message as one line that is fit for a terminal. @throws LocalGitError; PloinkyError MANIFEST_INVALID */
export async function readSubject(objects: ObjectReader, commit: string): Promise<string> {
  const found = await objects.read(commit);
  if (found?.type !== 'commit') throw new LocalGitError(0, `missing commit ${commit}`);
  if (found.content === null) throw tooLarge(`A commit of ${found.size} bytes`);
  return subjectOf(found.content);
}

/** @param commit as Git stores it: lines of headers, an empty line, the message */
export function subjectOf(commit: Buffer): string {
  const end = commit.indexOf('\n\n');
  const [, encoding = 'utf-8'] = /^encoding (\S+)$/m.exec(commit.toString('latin1', 0, end)) ?? [];
  const [paragraph = ''] = decoded(commit.subarray(end), encoding)
    .replace(/^\s+/, '')
    .split(/\n[^\S\n]*\n/, 1);
  return paragraph
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]+/g, ' ')
    .trim()
    .slice(0, 200);
}

/** What a commit says of its encoding may be any word. */
function decoded(message: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(message);
  } catch {
    return message.toString('utf8');
  }
}
