import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program of another project: where it may be, and which package of Debian has it. */
export interface Package {
  readonly program: string;
  readonly debian: string;
  /** Looked at after the search path. */
  readonly folders: readonly string[];
}

export const wrk: Package = { program: 'wrk', debian: 'wrk', folders: [] };
export const nginx: Package = { program: 'nginx', debian: 'nginx-light', folders: ['/usr/sbin'] };
export const redis: Package = { program: 'redis-server', debian: 'redis-server', folders: [] };
export const postgres: Package = {
  program: 'postgres',
  debian: 'postgresql',
  folders: ['17', '16', '15', '14'].map((major) => `/usr/lib/postgresql/${major}/bin`),
};

/** Where the program is; null when it is not on this machine. */
export function pathOf({ program, folders }: Package): string | null {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...folders]) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this one.
    }
  }
  return null;
}

/** One sentence on what is not here and how it comes here. */
export function howToInstall(missing: readonly Package[]): string {
  const programs = missing.map(({ program }) => program).join(', ');
  const packages = missing.map(({ debian }) => debian).join(' ');
  return `${programs} not found; Debian's package: ${packages} (sh bench/install-contestants.sh installs all of them)`;
}
