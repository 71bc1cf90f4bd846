import { readFile } from 'node:fs/promises';
import type { InspectedContainer, ObservedContainer, StartedContainer } from '../engine/engine-port.ts';
import type { ProcessRecord, ProcessState } from './process-folder.ts';

export function started({ startId, hostPort }: ProcessRecord, adopted: boolean): StartedContainer {
  return { engineId: startId, adopted, hostPort };
}

export function observed({ record, running, exitCode }: ProcessState): ObservedContainer {
  return {
    name: record.name,
    engineId: record.startId,
    deployment: record.labels['ploinky.deployment'],
    release: Number.parseInt(record.labels['ploinky.release'], 10) || 0,
    specHash: record.specHash,
    status: running ? 'running' : 'exited',
    exitCode,
    oomKilled: false,
    hostPort: record.hostPort,
  };
}

export function inspected(state: ProcessState, environment: readonly string[] | null): InspectedContainer {
  const { name, startId, labels } = state.record;
  const status = state.running ? 'running' : 'exited';
  return { name, engineId: startId, status, startedAt: null, labels, imageId: null, digests: [], environment };
}

/** As the kernel has it, where there is one that tells: the values stay there. */
export async function environmentNames({ identity, running }: ProcessState): Promise<readonly string[] | null> {
  if (!running || identity === null) return null;
  const text = await readFile(`/proc/${identity.pid}/environ`, 'utf8').catch(() => null);
  if (text === null) return null;
  const entries = text.split('\0').filter((entry) => entry.includes('='));
  return entries.map((entry) => entry.slice(0, entry.indexOf('='))).sort();
}
