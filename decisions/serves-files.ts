import type { Release } from '../projections/releases.ts';

type Manifest = NonNullable<Release['source']>['manifest'];
export type ServedFiles = NonNullable<Manifest['static']>;

/** What a release serves of its checkout; null where it serves by a container. */
export function filesOf({ source }: Pick<Release, 'source'>): ServedFiles | null {
  return source?.manifest.static ?? null;
}

/** Whether files of its checkout are all that it serves: then it needs no container. */
export function servesFiles(release: Pick<Release, 'source'>): boolean {
  return filesOf(release) !== null;
}

/** Whether anything of it runs in a container, be it only its install step. */
export function needsImage(release: Pick<Release, 'source'>): boolean {
  return !servesFiles(release) || release.source?.manifest.install !== null;
}
