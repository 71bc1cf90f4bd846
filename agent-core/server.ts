import { randomUUID } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { Handlers } from './handlers/handlers.ts';
import { type Performing, perform } from './handlers/perform.ts';
import { ProgramSlots } from './handlers/program-slots.ts';
import { killAllPrograms } from './handlers/run-program.ts';
import { offerTaskContext } from './handlers/task-context.ts';
import { HttpServer } from './http/http-server.ts';
import { listen } from './http/listen.ts';
import { keepAlive } from './keep-alive.ts';
import { queueLayout } from './queue/queue-layout.ts';
import { QueueServer } from './queue/queue-server.ts';
import { removeReadyFile, writeReadyFile } from './queue/ready-file.ts';
import { stopOnSignal } from './stop.ts';
import { readSurroundings, type Surroundings } from './surroundings.ts';
import { TaskDesk } from './task-desk.ts';
import { TaskMemory } from './task-memory.ts';

const memoryLimits = { count: 10_000, size: 64 * 1024 * 1024 };
const oldestNode = 18;

async function start(surroundings: Surroundings): Promise<void> {
  const { codeDir, runDir, http, queue, graceMs, userFirst, debug } = surroundings;
  // A former process may have been killed; until this one is ready, nothing is.
  if (runDir !== null) removeReadyFile(runDir);
  const exit = keepAlive();
  offerTaskContext();
  process.chdir(codeDir);
  const bootId = randomUUID();
  const handlers = new Handlers(surroundings);
  const performing: Performing = {
    handlers,
    slots: new ProgramSlots(surroundings.maxPrograms),
    codeDir,
    userFirst,
    debug,
  };
  const desk = new TaskDesk(new TaskMemory(memoryLimits), (run) => perform(performing, run));
  const queues: QueueServer[] = [];
  const server = http ? new HttpServer(desk, bootId) : null;
  stopOnSignal({
    graceMs,
    exit,
    kill: killAllPrograms,
    refuse() {
      if (runDir !== null) removeReadyFile(runDir);
      for (const each of queues) each.stop();
      server?.stop();
      if ('socket' in surroundings.listen) rmSync(surroundings.listen.socket, { force: true });
    },
    async idle() {
      await desk.idle();
      await server?.drained();
      while (queues.some((each) => each.pending > 0)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  });
  try {
    await handlers.prepare();
    if (queue !== null) queues.push(...serveQueues(surroundings, desk, bootId));
    const where = server ? await listen(server.server, surroundings.listen) : 'the queue';
    // Last: whoever finds it may conclude that an agent without a socket will not have one.
    if (runDir !== null && queues.length > 0) writeReadyFile(runDir, bootId);
    process.stdout.write(`AgentCore serves ${codeDir} at ${where}, Node ${process.versions.node}, boot ${bootId}\n`);
  } catch (error) {
    process.stderr.write(`AgentCore: ${(error as Error).message}\n`);
    exit(1);
  }
}

function serveQueues(surroundings: Surroundings, desk: TaskDesk, bootId: string): QueueServer[] {
  const { queueDir, legacyQueueDir, queue } = surroundings;
  const served = [new QueueServer(queueLayout(queueDir, false), desk, bootId)];
  if (statSync(legacyQueueDir, { throwIfNoEntry: false })?.isDirectory()) {
    served.push(new QueueServer(queueLayout(legacyQueueDir, true), desk, bootId));
  }
  try {
    for (const each of served) each.start();
    return served;
  } catch (error) {
    for (const each of served) each.stop();
    if (queue === 'wanted') throw error;
    process.stderr.write(`AgentCore: the queue is not served: ${(error as Error).message}\n`);
    return [];
  }
}

try {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new Error(`Node ${process.versions.node} is too old; AgentCore needs ${oldestNode} or newer.`);
  }
  await start(readSurroundings(process.env, process.cwd()));
} catch (error) {
  process.stderr.write(`AgentCore: ${(error as Error).message}\n`);
  process.exitCode = 1;
}
