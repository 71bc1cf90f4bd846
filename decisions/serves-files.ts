import type { Release } from '../projections/releases.ts';

/** Whether files of its checkout are all that it serves: then it needs no container. */
export function servesFiles({ source }: Pick<Release, 'source'>): boolean {
  return source?.manifest.static != null;
}

/** Whether anything of it runs in a container, be it only its install step. */
export function needsImage(release: Pick<Release, 'source'>): boolean {
  return !servesFiles(release) || release.source?.manifest.install !== null;
}
