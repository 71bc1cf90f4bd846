import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ContainerSpec, Mount } from '../engine/engine-port.ts';
import { mapPaths } from './map-paths.ts';
import { type ProcessState, readState, writeRecord } from './process-folder.ts';
import { until } from './until.ts';

const shim = fileURLToPath(new URL('shim.sh', import.meta.url));

/** Resolves when the process is on record with its identity; from then on every server finds it. */
export async function launch(
  folder: string,
  spec: ContainerSpec,
  sourceOf: (mount: Mount) => string,
  signal: AbortSignal,
): Promise<ProcessState> {
  const { command, environment, workingDirectory } = mapPaths(spec, sourceOf);
  const startId = randomBytes(8).toString('hex');
  const hostPort = spec.publishPort === null ? null : await freePort();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeRecord(folder, { name: spec.name, labels: spec.labels, specHash: spec.specHash, hostPort });
  await writeFile(join(folder, `start-${startId}`), '');
  const output = await open(join(folder, 'output.log'), 'a', 0o600);
  let child: ChildProcess;
  try {
    child = spawn('/bin/sh', [shim, folder, startId, ...command], {
      cwd: workingDirectory,
      env: { ...baseEnvironment(), ...environment, ...(hostPort === null ? {} : { PORT: String(hostPort) }) },
      // A session of its own: a signal for the server's group does not reach it, and it can be ended as a group.
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
  } finally {
    await output.close();
  }
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => {
      reject(
        new PloinkyError('START_FAILED', `${spec.name} could not be started: ${error.message}.`, { cause: error }),
      );
    });
  });
  failed.catch(() => {});
  child.unref();
  return Promise.race([failed, onRecord(folder, spec.name, child, signal)]);
}

/** Also for one that ended at once: its record then says so. */
function onRecord(folder: string, name: string, child: ChildProcess, signal: AbortSignal): Promise<ProcessState> {
  return until(5, signal, async () => {
    const state = await readState(folder);
    if (state?.identity) return state;
    if (child.exitCode === null && child.signalCode === null) return undefined;
    throw new PloinkyError('START_FAILED', `${name} ended with ${child.exitCode ?? child.signalCode} before it began.`);
  });
}

/** Nothing of the server's environment but what programs need to find their way: it may hold secrets. */
function baseEnvironment(): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: homedir(),
    LANG: process.env.LANG ?? 'C.UTF-8',
    TMPDIR: tmpdir(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
