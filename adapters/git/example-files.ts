import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ExampleFile {
  /** From the folder, with slashes. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/**
 * The files of a folder, in the order of their paths. Executable is what begins with `#!`: packing and unpacking
 * loses permissions, and equal content shall give an equal commit. Links and dot files are left out.
 */
export async function readExampleFiles(folder: string): Promise<ExampleFile[]> {
  const files: ExampleFile[] = [];
  const walk = async (path: string) => {
    for (const entry of await readdir(join(folder, path), { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) await walk(inner);
      else if (entry.isFile()) {
        const content = await readFile(join(folder, inner));
        files.push({ path: inner, executable: content.subarray(0, 2).toString('latin1') === '#!', content });
      }
    }
  };
  await walk('');
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}
