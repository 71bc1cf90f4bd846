import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** glibc before 2.34 loads these by name when a program asks for a user or a host; ldd does not see it. */
const loadedByName = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/**
 * Paths of the libraries that a program of this machine needs, its loader among them; none for a static one.
 * @throws Error when one of them is missing or ldd cannot tell
 */
export async function sharedLibraries(program: string, signal: AbortSignal): Promise<readonly string[]> {
  const environment = { PATH: process.env.PATH ?? '', LC_ALL: 'C' };
  let listed: string;
  try {
    listed = (await run('ldd', [program], { env: environment, signal })).stdout;
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    // glibc and musl both end with 1 for a static program and for a script.
    if (/not a (valid )?dynamic/i.test(stderr + stdout)) return [];
    throw new Error(`ldd does not tell what ${program} needs: ${stderr.trim() || (error as Error).message}`, {
      cause: error,
    });
  }
  const libraries = librariesIn(listed, program);
  const libc = libraries.find((library) => library.endsWith('/libc.so.6'));
  return libc === undefined ? libraries : [...libraries, ...(await thoseThere(dirname(libc)))];
}

/** What ldd of glibc or musl printed. @throws Error naming a library that is not there */
export function librariesIn(listed: string, program: string): readonly string[] {
  const missing = /^\s*(\S+) => not found/m.exec(listed);
  if (missing !== null) throw new Error(`${program} needs ${missing[1]}, which is not on this machine`);
  // Lines are `name => /path (0x…)` or `/path/of/the/loader (0x…)`; the kernel's own library has no path.
  const paths = [...listed.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)].map((match) => match[1] as string);
  return [...new Set(paths)];
}

async function thoseThere(folder: string): Promise<string[]> {
  const files = loadedByName.map((name) => join(folder, name));
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}
