import { randomBytes } from 'node:crypto';
import type { Cancellation } from '../../core/clock/cancellation.ts';
import { withDeadline } from '../../core/clock/deadline.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type {
  AgentAddress,
  AgentHealth,
  AgentTask,
  AgentTransport,
  TaskLookup,
  TaskOutcome,
} from '../agents/agent-port.ts';
import { gaveUp } from '../agents/gave-up.ts';
import { parseAnswer, readLookup, readProblem } from '../agents/read-answer.ts';
import { Conversations } from './conversations.ts';
import type { QueueAnswer, QueueConversation } from './queue-conversation.ts';
import type { QueueFiles } from './queue-files.ts';
import { queueServedBy } from './ready-file.ts';

const probeMs = 1_000;

/** Calls AgentCore through files in its queue folder. */
export class QueueTransport implements AgentTransport {
  readonly kind = 'queue';
  readonly #conversations = new Conversations();

  async call(address: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    const conversation = this.#with(address);
    const { files } = conversation;
    const deliver = () => {
      if (queueServedBy(address.runFolder) === null) {
        throw new PloinkyError('AGENT_UNREACHABLE', 'The agent does not serve its queue at the moment.');
      }
      try {
        files.put('tasks', task.id, JSON.stringify(task));
      } catch (cause) {
        throw new PloinkyError('AGENT_UNREACHABLE', 'The task cannot be written into the queue.', { cause });
      }
    };
    try {
      return outcomeOf(await conversation.answer(task.id, signal, deliver));
    } catch (error) {
      if (isPloinkyError(error)) throw error;
      if (!signal.aborted) {
        throw new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The answer in the queue cannot be read.', { cause: error });
      }
      if (!removed(conversation, task.id)) await this.cancel(address, task.id);
      conversation.disown(task.id);
      throw gaveUp(task, signal);
    }
  }

  async lookup(address: AgentAddress, taskId: string, signal: AbortSignal): Promise<TaskLookup> {
    const conversation = this.#with(address);
    const { files } = conversation;
    const found = outcomeIn(files, taskId);
    if (found) return { state: 'ended', outcome: found };
    // What waits will be executed, now or when the agent is back.
    if (files.has('tasks', taskId)) return { state: 'running' };
    try {
      const answer = await ask(conversation, taskId, signal);
      // The shell's AgentCore cannot put an outcome into an answer; it gives the task its answer once more.
      const again = isRepublished(answer) ? outcomeIn(files, taskId) : null;
      return again ? { state: 'ended', outcome: again } : readLookup(answer);
    } catch (error) {
      if (isPloinkyError(error)) throw error;
      return { state: 'unknown', bootId: null };
    }
  }

  async cancel(address: AgentAddress, taskId: string): Promise<void> {
    try {
      this.#with(address).files.put('urgent', taskId, '');
    } catch {
      // best effort
    }
  }

  /** A round trip: the ready file alone may have been left by a process that was killed. */
  async probe(address: AgentAddress, signal: AbortSignal, withinMs = probeMs): Promise<AgentHealth | null> {
    if (queueServedBy(address.runFolder) === null) return null;
    try {
      const conversation = this.#with(address);
      const answer = readLookup(await withDeadline(signal, withinMs, (limit) => ask(conversation, 'probe', limit)));
      // The file may be of a process that was killed; only who answered may say that it is ready.
      const bootId = 'bootId' in answer ? answer.bootId : null;
      return bootId !== null && bootId === queueServedBy(address.runFolder) ? { bootId, transport: 'queue' } : null;
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    this.#conversations.close();
  }

  #with(address: AgentAddress): QueueConversation {
    try {
      return this.#conversations.with(address);
    } catch (cause) {
      throw new PloinkyError('AGENT_UNREACHABLE', 'The queue of the agent is not there.', { cause });
    }
  }
}

/** Asks the agent what it knows of a task: `tasks/<id>.<nonce>.lookup` → `results/<same name>`. */
async function ask(conversation: QueueConversation, taskId: string, signal: AbortSignal): Promise<unknown> {
  const name = `${taskId}.${randomBytes(6).toString('hex')}.lookup`;
  try {
    const answer = await conversation.answer(name, signal, () => conversation.files.put('tasks', name, ''));
    return parseAnswer(answer.text);
  } catch (error) {
    removed(conversation, name);
    conversation.disown(name);
    throw error;
  }
}

function removed(conversation: QueueConversation, name: string): boolean {
  try {
    return conversation.files.remove('tasks', name);
  } catch {
    return false;
  }
}

/** Leaves the file in its place: the call that joins will take it. */
function outcomeIn(files: QueueFiles, taskId: string): TaskOutcome | null {
  for (const from of ['results', 'errors'] as const) {
    const text = files.read(from, taskId);
    if (text !== null) return outcomeOf({ from, text });
  }
  return null;
}

function isRepublished(answer: unknown): boolean {
  return (answer as { state?: unknown } | null)?.state === 'republished';
}

function outcomeOf({ from, text }: QueueAnswer): TaskOutcome {
  if (from === 'errors') return { success: false, error: readProblem(parseAnswer(text)) };
  return { success: true, data: readResult(text) };
}

/** A result is what the handler printed: JSON, or else text. */
function readResult(text: string): unknown {
  const trimmed = text.trim();
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed;
  }
}
