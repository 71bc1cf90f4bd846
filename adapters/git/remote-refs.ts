import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseRefName } from '../../core/names/ref-name.ts';
import type { RemoteHeads } from './git-types.ts';

/** What a remote has, from `git ls-remote --symref`. */
export interface RemoteRefs {
  /** Null where the remote names none and it cannot be told. */
  readonly defaultBranch: string | null;
  /** Full names (`refs/heads/…`, `refs/tags/…`) and the object each one names. */
  readonly objects: ReadonlyMap<string, string>;
  /** Tags that name a tag object, and the commit behind it. */
  readonly peeled: ReadonlyMap<string, string>;
}

const line = /^(?:ref: (\S+)|([0-9a-f]{40}))\t(\S+)$/;

/** Passes over what is neither branch nor tag, and over names that nobody could type. */
export function parseRemoteRefs(output: string): RemoteRefs {
  const objects = new Map<string, string>();
  const peeled = new Map<string, string>();
  let head: string | null = null;
  let headCommit: string | null = null;
  for (const text of output.split('\n')) {
    const [, target, hash, name = ''] = line.exec(text) ?? [];
    if (name === 'HEAD') {
      if (target?.startsWith('refs/heads/')) head = target.slice('refs/heads/'.length);
      if (hash) headCommit = hash;
    } else if (hash && name.endsWith('^{}')) {
      peeled.set(name.slice(0, -3), hash);
    } else if (hash && /^refs\/(?:heads|tags)\//.test(name) && isUsable(name)) {
      objects.set(name, hash);
    }
  }
  return { defaultBranch: defaultBranch(head, headCommit, objects), objects, peeled };
}

/** Commit of a branch, else of a tag. A full name (`refs/tags/v1`) means exactly that. */
export function commitOf(refs: RemoteRefs, name: string): string | null {
  const names = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  for (const full of names) {
    const object = refs.peeled.get(full) ?? refs.objects.get(full);
    if (object) return object;
  }
  return null;
}

/** Its branches without `refs/heads/`. */
export function headsOf({ objects, defaultBranch }: RemoteRefs): RemoteHeads {
  const branches = [...objects].flatMap(([name, commit]): [string, string][] =>
    name.startsWith('refs/heads/') ? [[name.slice('refs/heads/'.length), commit]] : [],
  );
  return { defaultBranch, branches: new Map(branches) };
}

/** What must change for the first map to become the second. */
export function refChanges(
  have: ReadonlyMap<string, string>,
  want: ReadonlyMap<string, string>,
): { readonly set: ReadonlyMap<string, string>; readonly drop: readonly string[] } {
  const set = new Map([...want].filter(([name, object]) => have.get(name) !== object));
  const drop = [...have.keys()].filter((name) => !want.has(name));
  return { set, drop };
}

/** Older servers and detached heads say only which commit HEAD is; then the usual names come first. */
function defaultBranch(
  head: string | null,
  headCommit: string | null,
  objects: ReadonlyMap<string, string>,
): string | null {
  const branches = [...objects.keys()].flatMap((name) => (name.startsWith('refs/heads/') ? [name.slice(11)] : []));
  if (head !== null && branches.includes(head)) return head;
  const same = branches.filter((name) => objects.get(`refs/heads/${name}`) === headCommit);
  const candidates = same.length > 0 ? same : branches;
  return ['main', 'master'].find((name) => candidates.includes(name)) ?? candidates[0] ?? null;
}

function isUsable(name: string): boolean {
  try {
    parseRefName(name, 'branch');
    return true;
  } catch (error) {
    if (isPloinkyError(error, 'INVALID_NAME')) return false;
    throw error;
  }
}
