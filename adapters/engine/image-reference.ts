import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';

export type ImageReference =
  | { readonly kind: 'id'; readonly id: string }
  | {
      readonly kind: 'name';
      /** Registry and repository in full: `docker.io/library/node`. */
      readonly repository: string;
      readonly tag: string | null;
      /** `sha256:…`; counts more than the tag. */
      readonly digest: string | null;
    };

const identifier = /^(sha256:)?[0-9a-f]{64}$/;
// Grammar of the distribution specification: host[:port]/path components, then :tag, then @digest.
const named = /^([A-Za-z0-9][A-Za-z0-9._/:-]*?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/;
const pathComponents = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

/**
 * Reads what a manifest calls an image. A short name means Docker Hub on every engine; Podman would otherwise
 * search where its configuration says. @throws PloinkyError IMAGE_NOT_FOUND when it cannot be a reference
 */
export function parseImageReference(text: string): ImageReference {
  if (identifier.test(text)) return { kind: 'id', id: text.startsWith('sha256:') ? text : `sha256:${text}` };
  const match = named.exec(text);
  const name = match?.[1] ?? '';
  const tag = match?.[2] ?? null;
  const digest = match?.[3] ?? null;
  const repository = qualify(name);
  const path = repository.slice(repository.indexOf('/') + 1);
  if (match === null || !pathComponents.test(path)) {
    throw new PloinkyError('IMAGE_NOT_FOUND', `${quote(text)} is not the name of an image.`, {
      hint: 'Write it like docker.io/library/node:20-alpine or name@sha256:….',
    });
  }
  return { kind: 'name', repository, tag: tag ?? (digest === null ? 'latest' : null), digest };
}

function qualify(name: string): string {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (first === 'localhost' || first.includes('.') || first.includes(':')) return name;
  return slash < 0 ? `docker.io/library/${name}` : `docker.io/${name}`;
}

/** What to pull: the digest alone where there is one, since engines differ about a tag beside it. */
export function pullName(reference: ImageReference & { kind: 'name' }): string {
  return reference.digest === null
    ? `${reference.repository}:${reference.tag}`
    : `${reference.repository}@${reference.digest}`;
}
