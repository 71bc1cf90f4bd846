import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { HostTree } from './host-tree.ts';
import { addProgram, findProgram } from './programs.ts';

const run = promisify(execFile);

/** What handlers and install steps may expect of any image; the first is needed, the others are taken where they are. */
const commands = [
  ...['sh', 'cat', 'ls', 'mkdir', 'rmdir', 'rm', 'mv', 'cp', 'ln', 'chmod', 'touch', 'mktemp', 'mkfifo', 'readlink'],
  ...['sleep', 'date', 'timeout', 'kill', 'ps', 'id', 'uname', 'hostname', 'env', 'pwd', 'which', 'true', 'false'],
  ...['test', '[', 'expr', 'seq', 'printf', 'echo', 'sed', 'awk', 'grep', 'tr', 'cut', 'head', 'tail', 'sort', 'uniq'],
  ...['wc', 'tee', 'od', 'xargs', 'find', 'stat', 'dirname', 'basename', 'tar', 'gzip', 'cksum', 'sha256sum'],
];

/** A POSIX shell and the usual commands: busybox where this machine has one, else its own. @throws Error without a shell */
export async function addShell(tree: HostTree, signal: AbortSignal): Promise<void> {
  if (!(await addBusybox(tree, signal))) await addOwnCommands(tree, signal);
}

/** @returns whether there is one with a shell in it */
async function addBusybox(tree: HostTree, signal: AbortSignal): Promise<boolean> {
  const busybox = await findProgram('busybox');
  const applets = busybox === null ? [] : await appletsOf(busybox, signal);
  if (busybox === null || !applets.includes('sh')) return false;
  await addProgram(tree, 'busybox', busybox, signal);
  const target = await realpath(busybox);
  for (const applet of applets) tree.link(`/usr/bin/${applet}`, target);
  return true;
}

/** The commands of this machine, each with its libraries. */
export async function addOwnCommands(tree: HostTree, signal: AbortSignal): Promise<void> {
  for (const command of commands) {
    const file = await findProgram(command);
    if (file !== null) await addProgram(tree, command, file, signal);
    else if (command === 'sh') throw new Error('there is no sh on this machine');
  }
}

/** None when it is too old or too small to list them. */
async function appletsOf(busybox: string, signal: AbortSignal): Promise<readonly string[]> {
  const { stdout } = await run(busybox, ['--list'], { signal }).catch((error) => {
    if (signal.aborted) throw error;
    return { stdout: '' };
  });
  return stdout.split('\n').filter((name) => /^[\w[.+-]+$/.test(name));
}
