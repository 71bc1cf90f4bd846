import type { ObservedContainer, StartedContainer } from '../engine/engine-port.ts';
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
