import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder for one daemon: short, since the path of a socket below it may have 107 bytes only. */
export function makeEngineHome(engine: string): string {
  return mkdtempSync(path.join(tmpdir(), `ploinky-${engine}-`));
}

/** Why no engine can be started here by this test, or null. */
export function whyNotStartable(programs: readonly string[]): string | null {
  if (process.platform !== 'linux') return `engines for tests are started on Linux only, this is ${process.platform}`;
  if (process.getuid?.() !== 0)
    return 'engines for tests are started by root only; PLOINKY_TEST_<ENGINE>_SOCKET may name one that runs';
  const missing = programs.filter((program) => findProgram(program) === null);
  return missing.length === 0 ? null : `not installed: ${missing.join(', ')} (see .ci/install-engines.sh)`;
}

/** Full path of a program; looks where Debian keeps daemons even when PATH does not. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];
  for (const folder of folders) {
    const file = path.join(folder, name);
    if (folder !== '' && existsSync(file)) return file;
  }
  return null;
}

/**
 * A network bridge of the test's own, so that daemons started side by side do not share addresses.
 * Null when the `ip` program is missing or refuses; the daemon then uses its default bridge.
 */
export async function makeBridge(prefix: string): Promise<Bridge | null> {
  const ip = findProgram('ip');
  if (ip === null) return null;
  const slot = process.pid % 250;
  const name = `${prefix}${process.pid}`.slice(0, 15);
  // 10.212.0.0/16 for Docker, 10.213.0.0/16 for Podman: unusual, to stay clear of networks that are in use.
  const subnet = `10.${prefix === 'pkd' ? 212 : 213}.${slot + 1}`;
  const removal = [ip, 'link', 'delete', name];
  const remove = () => run(ip, removal.slice(1)).catch(() => undefined);
  try {
    await remove();
    await run(ip, ['link', 'add', 'name', name, 'type', 'bridge']);
    await run(ip, ['address', 'add', `${subnet}.1/24`, 'dev', name]);
    await run(ip, ['link', 'set', name, 'up']);
    return { name, subnet, removal };
  } catch {
    await remove();
    return null;
  }
}

/**
 * Ranges for networks that are made later, so that daemons started side by side do not give out the same ones: each looks
 * at the interfaces of the machine only, and those come with the first container.
 */
export function ownPool(engine: 'docker' | 'podman'): { base: string; size: number } {
  return { base: `10.${engine === 'docker' ? 215 : 216}.${4 * (process.pid % 64)}.0/22`, size: 27 };
}

export interface Bridge {
  readonly name: string;
  /** First three numbers of the addresses on it. */
  readonly subnet: string;
  /** Program and arguments that delete it. */
  readonly removal: readonly string[];
}
