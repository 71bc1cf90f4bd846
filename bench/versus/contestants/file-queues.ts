import { agentCore } from '../agent-core.ts';
import { callersLoad } from '../callers-load.ts';
import type { Contestant } from '../contestant.ts';
import { startProgram } from '../start-program.ts';

/** The transport by itself, to be compared with the loop that has no gateway and no log either. */
export const watchedQueue: Contestant = {
  name: 'watched-queue',
  title: 'file queue, watched, alone',
  async start(ground) {
    const { pid, runFolder, queueFolder } = await agentCore(ground, 'socket');
    const callers = await startProgram(ground, 'queue-callers', { RUN_FOLDER: runFolder, QUEUE_FOLDER: queueFolder });
    return { load: callersLoad(callers), servers: () => [callers.pid], agents: () => [pid] };
  },
};

export const pollingQueue: Contestant = {
  name: 'polling-queue',
  title: 'file queue, polled each 200 ms, alone',
  async start(ground) {
    const env = { QUEUE_FOLDER: ground.make('polling') };
    const agent = await startProgram(ground, 'polling-agent', env);
    const callers = await startProgram(ground, 'polling-callers', env);
    return { load: callersLoad(callers), servers: () => [callers.pid], agents: () => [agent.pid] };
  },
};
