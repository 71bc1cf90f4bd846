import type { Mirror } from './mirror.ts';
import type { refChanges } from './remote-refs.ts';

/** Thrown when the remote changed between its list of refs and the fetch; asking again helps. */
export class RemoteMoved extends Error {}

/** Refs of a mirror by full name, below the given prefixes. */
export async function readRefs(mirror: Mirror, prefixes: readonly string[]): Promise<Map<string, string>> {
  const output = await mirror.run(['for-each-ref', '--format=%(objectname) %(refname)', ...prefixes]);
  const lines = output
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(41), line.slice(0, 40)]));
}

/**
 * Makes branches and tags of the mirror equal to those of the remote, whose objects are here. Deletions come first
 * and on their own: Git refuses to make `a/b` in the same step in which `a` goes.
 */
export async function writeRefs(
  mirror: Mirror,
  { set, drop }: ReturnType<typeof refChanges>,
  signal: AbortSignal,
): Promise<void> {
  const missing = await missingObjects(mirror, [...set.values()]);
  if (missing.length > 0) throw new RemoteMoved(`${missing.length} objects are not here`);
  const transactions = [
    drop.map((name) => `delete ${name}\0\0`),
    [...set].map(([name, object]) => `update ${name}\0${object}\0\0`),
  ];
  for (const steps of transactions) {
    if (steps.length > 0) await mirror.run(['update-ref', '-z', '--stdin'], { input: steps.join(''), signal });
  }
}

/** Keeps a commit, whatever the remote does, until `unpin`. Durable, for an event will say so. */
export async function pin(mirror: Mirror, ref: string, commit: string): Promise<void> {
  await mirror.run(['update-ref', ref, commit], { config: ['core.fsync=committed,reference'] });
}

export async function unpin(mirror: Mirror, ref: string): Promise<void> {
  await mirror.run(['update-ref', '-d', ref]);
}

/** Those of `objects` that the mirror does not hold. */
export async function missingObjects(mirror: Mirror, objects: readonly string[]): Promise<string[]> {
  if (objects.length === 0) return [];
  const output = await mirror.run(['cat-file', '--batch-check'], { input: `${objects.join('\n')}\n` });
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith(' missing') ? [line.slice(0, -' missing'.length)] : []));
}

/** Commits whose hash begins with `prefix` (hex, 7 digits or more). */
export async function commitsByPrefix(mirror: Mirror, prefix: string): Promise<string[]> {
  // A whole hash is ambiguous with nothing.
  const found =
    prefix.length === 40
      ? prefix
      : (await mirror.run(['rev-parse', `--disambiguate=${prefix}`])).toString('utf8').trim();
  if (found === '') return [];
  const output = await mirror.run(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { input: `${found}\n` });
  return output
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line.endsWith(' commit') ? [line.slice(0, 40)] : []));
}
