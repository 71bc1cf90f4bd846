import { Socket } from 'node:net';
import { join } from 'node:path';
import { setAutoFreeze } from 'immer';
import { createAgentTransports } from '../adapters/agents/create-agent-transports.ts';
import { channelFd } from '../adapters/cluster/spawn-worker.ts';
import { runWorker } from '../adapters/cluster/worker.ts';
import { DayFile } from '../adapters/logs/day-file.ts';
import { createLogger } from '../adapters/logs/logger.ts';
import { dataPaths } from '../adapters/pipeline/paths.ts';
import { packageRoot } from './package-root.ts';

// A signal for the whole group, as Ctrl-C sends it, is for the process that owns the log. It says when to end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
setAutoFreeze(false);
process.title = 'p-cloud worker';

runWorker({
  channel: new Socket({ fd: channelFd, readable: true, writable: true }),
  connections: (take) => {
    process.on('message', (id: number, socket: Socket | undefined) => take(id, socket));
  },
  paths: (dir) => dataPaths(dir, join(packageRoot(), 'dist', 'agent-core')),
  logger: ({ logs }, settings) => {
    // Lines of all processes go to one file, whole: each write is an append.
    const dayFile = new DayFile({ folder: logs, retentionDays: () => settings().metricsRetention });
    return { logger: createLogger(dayFile, 'info'), close: () => dayFile.close() };
  },
  transports: createAgentTransports(),
  exit: (code) => process.exit(code),
});
