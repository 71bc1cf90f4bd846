import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { Mirror } from './mirror.ts';
import { commitsByPrefix } from './mirror-refs.ts';
import { commitOf, type RemoteRefs } from './remote-refs.ts';

export const fullHash = /^[0-9a-f]{40}$/;
const abbreviation = /^[0-9a-f]{7,40}$/;

/** Branch of that name, else the default branch. @throws PloinkyError GIT_REF_NOT_FOUND */
export function headOf(refs: RemoteRefs, branch: string | null, label: string): { branch: string; commit: string } {
  const name = branch ?? refs.defaultBranch;
  if (name === null) {
    throw new PloinkyError('GIT_REF_NOT_FOUND', `The repository ${label} has no branch yet.`, {
      hint: 'Push a first commit to it, or check the address: some web pages look like an empty repository.',
    });
  }
  const commit = commitOf(refs, name);
  if (commit === null) throw notFound(refs, 'branch or tag', name, label);
  return { branch: name, commit };
}

/** @throws PloinkyError WATCH_IMPOSSIBLE where the name is one of a tag, or no short name of a branch */
export function requireBranch(refs: RemoteRefs, name: string, label: string): void {
  if (refs.objects.has(`refs/heads/${name}`)) return;
  const short = name.replace(/^refs\/(?:heads|tags)\//, '');
  const message = `${quote(name)} is no name of a branch of the repository ${label}, so no push can be followed.`;
  throw new PloinkyError('WATCH_IMPOSSIBLE', message, {
    hint: refs.objects.has(`refs/tags/${short}`)
      ? `It is a tag: deploy it with --tag ${short}, without --watch.`
      : `Deploy it with --branch ${short}.`,
  });
}

/**
 * A tag, or a commit by the first seven or more digits of its hash. What reads as hex is a hash first.
 * @throws PloinkyError GIT_REF_NOT_FOUND, also when several commits begin so
 */
export async function commitNamed(mirror: Mirror, refs: RemoteRefs, name: string, label: string): Promise<string> {
  const digits = name.toLowerCase();
  if (abbreviation.test(digits)) {
    const [commit, ...others] = await commitsByPrefix(mirror, digits);
    if (commit && others.length === 0) return commit;
    if (commit) {
      const some = [commit, ...others].slice(0, 4).map((hash) => hash.slice(0, 12));
      throw new PloinkyError(
        'GIT_REF_NOT_FOUND',
        `Several commits of ${label} begin with ${digits}: ${some.join(', ')}.`,
        {
          hint: 'Give more digits of the commit.',
        },
      );
    }
  }
  const commit = commitOf(refs, name.startsWith('refs/') ? name : `refs/tags/${name}`);
  if (commit === null) throw notFound(refs, 'commit or tag', name, label);
  return commit;
}

function notFound(refs: RemoteRefs, what: string, name: string, label: string): PloinkyError {
  const branches = [...refs.objects.keys()].flatMap((full) => (full.startsWith('refs/heads/') ? [full.slice(11)] : []));
  const some = branches.slice(0, 6).join(', ');
  const heads = `ts branches are: ${some}${branches.length > 6 ? ', …' : ''}.`;
  // A commit is not among the branches: mostly it was not pushed, or only a part of its hash is right.
  const hint = abbreviation.test(name.toLowerCase())
    ? `Push the commit, or give its whole hash. I${heads}`
    : `I${heads}`;
  return new PloinkyError('GIT_REF_NOT_FOUND', `The repository ${label} has no ${what} ${quote(name)}.`, {
    ...(some === '' ? {} : { hint }),
  });
}
