import type { ImageInspectInfo } from 'dockerode';
import type { ResolvedImage } from './engine-port.ts';
import { type ImageReference, parseImageReference } from './image-reference.ts';

/** The answer of `GET /images/<name>/json`. */
export function resolvedFromInspect(
  text: string,
  reference: ImageReference,
  answer: Pick<ImageInspectInfo, 'Id' | 'RepoDigests'>,
): ResolvedImage {
  return {
    reference: text,
    imageId: answer.Id.startsWith('sha256:') ? answer.Id : `sha256:${answer.Id}`,
    digest: digestFor(reference, answer.RepoDigests ?? []),
  };
}

/** An image may be known to several registries under different digests: the one of its own repository counts. */
function digestFor(reference: ImageReference, known: readonly string[]): string | null {
  for (const entry of known) {
    const digest = entry.slice(entry.indexOf('@') + 1);
    if (reference.kind === 'id') return digest;
    const other = parseImageReference(entry);
    if (other.kind === 'name' && other.repository === reference.repository) {
      if (reference.digest === null || reference.digest === digest) return digest;
    }
  }
  return null;
}
