import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Release } from '../../projections/releases.ts';
import type { Views } from '../../projections/views.ts';
import type { Engine, ResolvedImage } from '../engine/engine-port.ts';
import { parseImageReference } from '../engine/image-reference.ts';
import type { RepositoryAddress } from '../git/git-port.ts';
import { pullProgress } from './pull-progress.ts';
import type { World } from './world.ts';

type Pinned = NonNullable<Release['pinned']>;

/** Where the release's files come from: the repository as it is known now, or as it was known then. */
export function repositoryOf(views: Views, release: Release): RepositoryAddress | undefined {
  const { pinned, source } = release;
  if (pinned) return { name: pinned.repository, url: pinned.url, branch: pinned.branch };
  return views.repositories.get(source?.repository ?? '');
}

/** The same commit, out of our own mirror: the remote is asked only when the mirror does not hold it any more. */
export async function resolvePinnedSource(
  world: World,
  release: Release,
  pinned: Pinned,
  signal: AbortSignal,
): Promise<PloinkyDraft[]> {
  const { deployment, n, config } = release;
  const { repository, branch, commit, url, secrets } = pinned;
  const source = await world.git.resolve(
    { repository: { name: repository, url, branch }, agent: config.agent, branch, commit, deployment, release: n },
    signal,
  );
  return [
    { type: 'release.sourceResolved', stream: `release:${release.id}`, data: { repository, ...source, secrets } },
  ];
}

/**
 * The same content, whatever its tag names by now: the image of that id in the engine, else that digest from its registry.
 * @throws PloinkyError IMAGE_NOT_FOUND, IMAGE_PULL_FAILED when it is in neither
 */
export async function resolvePinnedImage(
  world: World,
  engine: Engine,
  release: Release,
  { release: target, image }: Pinned,
  signal: AbortSignal,
): Promise<ResolvedImage> {
  const { reference, imageId, digest } = image;
  if (engine.name === 'process' || imageId === null) return engine.resolveImage(null, { signal });
  const onProgress = pullProgress(world, release, reference);
  try {
    await engine.resolveImage(imageId, { signal });
    return { reference, imageId, digest };
  } catch (error) {
    if (!isPloinkyError(error, 'IMAGE_NOT_FOUND')) throw error;
  }
  const byDigest = digestReference(reference, digest);
  const gone = `The image ${imageId.slice(0, 19)} of release ${target} (${reference ?? 'unnamed'}) is not in ${engine.name} any more`;
  if (byDigest === null) {
    throw new PloinkyError('IMAGE_NOT_FOUND', `${gone}, and it never came from a registry.`, {
      hint: 'Somebody pruned it. Build or import it again and deploy, or roll back to a release with another image.',
    });
  }
  try {
    const pulled = await engine.resolveImage(byDigest, { signal, onProgress });
    return { ...pulled, reference, digest };
  } catch (error) {
    if (signal.aborted || !isPloinkyError(error)) throw error;
    throw new PloinkyError(error.code, `${gone}, and its registry does not give it. ${error.message}`, {
      hint: 'Images that others prune can come back only from their registry: make it answer, or roll back further.',
      cause: error,
    });
  }
}

function digestReference(reference: string | null, digest: string | null): string | null {
  if (reference === null || digest === null) return null;
  const parsed = parseImageReference(reference);
  return parsed.kind === 'name' ? `${parsed.repository}@${digest}` : null;
}
