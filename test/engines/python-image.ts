import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addGround } from '../../adapters/engine/host-files/ground.ts';
import { HostTree } from '../../adapters/engine/host-files/host-tree.ts';
import { addProgram } from '../../adapters/engine/host-files/programs.ts';
import { sharedLibraries } from '../../adapters/engine/host-files/shared-libraries.ts';
import { addShell } from '../../adapters/engine/host-files/shell.ts';
import { importImage } from './base-images.ts';

/** Python with its standard library, taken from this machine. */
export const pythonImage = 'localhost/ploinky-test-python:1';

/** Parts of the standard library that no service imports, and that are most of its size. */
const leftOut = new Set([
  'test',
  'site-packages',
  'dist-packages',
  '__pycache__',
  'idlelib',
  'ensurepip',
  'tkinter',
  'lib2to3',
]);

const run = promisify(execFile);

/** The program and its library where they are here: Python finds the one by the place of the other. */
export async function importPythonImage(socketPath: string): Promise<void> {
  const { signal } = new AbortController();
  const ask = 'import os, sys, sysconfig; print(os.path.realpath(sys.executable)); print(sysconfig.get_path("stdlib"))';
  const [program = '', library = ''] = (await run('python3', ['-c', ask])).stdout.trim().split('\n');
  const tree = new HostTree();
  await addGround(tree);
  await addShell(tree, signal);
  await addProgram(tree, 'python3', program, signal);
  const modules: string[] = [];
  for await (const file of filesOf(library)) {
    await tree.file(file);
    if (file.endsWith('.so')) modules.push(file);
  }
  for (const module of modules) for (const needed of await sharedLibraries(module, signal)) await tree.file(needed);
  await importImage(socketPath, pythonImage, tree.entries());
}

async function* filesOf(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (leftOut.has(entry.name) || entry.name.startsWith('config-')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesOf(path);
    else if (entry.isFile()) yield path;
  }
}
