import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import { nearNames } from '../../core/names/near-names.ts';
import type { Mirror } from './mirror.ts';
import type { RemoteRefs } from './remote-refs.ts';

/** How many tags an error names. */
const shown = 6;

/**
 * Commit of a tag; an annotated one leads to the commit behind it.
 * @throws PloinkyError GIT_REF_NOT_FOUND, with tags of a similar name; also where a tag names something else than a commit
 */
export async function taggedCommit(mirror: Mirror, refs: RemoteRefs, tag: string, label: string): Promise<string> {
  const full = tag.startsWith('refs/tags/') ? tag : `refs/tags/${tag}`;
  const commit = refs.peeled.get(full) ?? refs.objects.get(full);
  if (commit === undefined) throw unknownTag(refs, tag, label);
  const output = await mirror.run(['cat-file', '--batch-check=%(objecttype)'], { input: `${commit}\n` });
  if (output.toString('utf8').trim() === 'commit') return commit;
  throw new PloinkyError('GIT_REF_NOT_FOUND', `The tag ${quote(tag)} of ${label} names a file or folder, no commit.`);
}

function unknownTag(refs: RemoteRefs, tag: string, label: string): PloinkyError {
  const tags = [...refs.objects.keys()].flatMap((name) => (name.startsWith('refs/tags/') ? [name.slice(10)] : []));
  const near = nearNames(tag, tags, shown);
  const hint =
    tags.length === 0
      ? 'It has no tags at all. Push one with `git push origin <tag>`, or deploy a branch.'
      : `${near.length === tags.length ? 'Its tags are' : 'Near ones are'}: ${near.join(', ')}.`;
  return new PloinkyError('GIT_REF_NOT_FOUND', `The repository ${label} has no tag ${quote(tag)}.`, { hint });
}
