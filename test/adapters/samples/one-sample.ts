import type { Sample } from '../../../adapters/samples/sample.ts';

export function sample(changes: Partial<Sample> = {}): Sample {
  return {
    deployment: 'localhost/demo',
    release: 1,
    replica: 1,
    cpuPercent: 10,
    memoryBytes: 100,
    memoryLimitBytes: null,
    networkInBytes: 5,
    networkOutBytes: null,
    blockReadBytes: null,
    blockWriteBytes: null,
    pids: 3,
    restarts: 0,
    ...changes,
  };
}
