import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { ContainerSpec, Mount } from '../engine/engine-port.ts';
import { childEnvironment } from './child-environment.ts';
import { requireProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { launch } from './launch.ts';
import { mapPaths } from './map-paths.ts';
import { makeMountFolders } from './mount-folders.ts';
import { nameTaken, type OwnedProcesses } from './owned-processes.ts';
import { bootId, type ProcessRecord, placeFolder } from './process-folder.ts';
import type { ProcessVolumes } from './process-volumes.ts';

export interface ProcessStart {
  readonly processes: OwnedProcesses;
  readonly volumes: ProcessVolumes;
  /** stderr goes into a file of its own. */
  readonly parted: boolean;
  readonly signal: AbortSignal;
}

/**
 * Begins the program of a spec whose name is free; a start that fails leaves nothing behind.
 * @throws PloinkyError START_FAILED, NAME_TAKEN
 */
export async function startProcess(spec: ContainerSpec, given: ProcessStart): Promise<ProcessRecord> {
  const { processes, volumes, parted, signal } = given;
  const sourceOf = ({ kind, source }: Mount) => (kind === 'bind' ? source : volumes.place(source));
  const { command, environment: mapped, workingDirectory } = mapPaths(spec, sourceOf);
  // A secret is nothing that could be a path of ours: it stays as it is.
  const wanted = { ...mapped, ...spec.secrets };
  const startId = randomBytes(8).toString('hex');
  const hostPort = spec.publishPort === null ? null : await freePort();
  const server = { variables: process.env, home: homedir(), temporary: tmpdir(), node: process.execPath };
  const environment = childEnvironment(wanted, hostPort, startId, server);
  await makeMountFolders(spec, sourceOf);
  await requireProgram(spec.name, command[0] ?? '', workingDirectory, environment.PATH ?? '');
  const { name, labels, specHash } = spec;
  const mounts = spec.mounts.map((mount) => ({ target: mount.target, source: sourceOf(mount) }));
  const record = { name, startId, labels, specHash, hostPort, workingDirectory, mounts, boot: await bootId() };
  await mkdir(processes.stateFolder, { recursive: true, mode: 0o700 });
  signal.throwIfAborted();
  if (!(await placeFolder(processes.stateFolder, record))) throw nameTaken(name);
  try {
    const folder = processes.folder(name);
    const oomScoreAdj = spec.usual?.oomScoreAdj ?? null;
    await launch({ name, folder, startId, command, environment, workingDirectory, oomScoreAdj, parted, signal });
    signal.throwIfAborted();
  } catch (error) {
    await processes.takeAway(record);
    throw error;
  }
  return record;
}

export function nothingToRun(name: string): PloinkyError {
  return new PloinkyError('START_FAILED', `${name} cannot be started: plain processes have no image with a command.`, {
    hint: 'Say in the manifest what to run, for example "run": "node server.js".',
  });
}
