// The watched file queue of this project alone: no gateway and no log, as the polling loop has none.
import { randomBytes } from 'node:crypto';
import { createAgentTransports } from '../../../adapters/agents/create-agent-transports.ts';
import { command, params } from '../greeting.ts';
import { answerRounds } from './answer-rounds.ts';
import { expectGreeting } from './expect-greeting.ts';

const { RUN_FOLDER: runFolder = '', QUEUE_FOLDER: queueFolder = '' } = process.env;
const { queue } = createAgentTransports();
const address = { runFolder, queueFolder, tcp: null };

answerRounds(async () => {
  const id = randomBytes(16).toString('hex');
  const task = { id, command, params, runForUserId: 'InternetUser', timeoutMs: 30_000, metadata: {} };
  const outcome = await queue.call(address, task, new AbortController().signal);
  expectGreeting(outcome.success ? outcome.data : outcome.error);
});
