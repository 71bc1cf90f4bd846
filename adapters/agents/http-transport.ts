import type { Pool } from 'undici';
import { abortSignalOf, type Cancellation } from '../../core/clock/cancellation.ts';
import { withDeadline } from '../../core/clock/deadline.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { AgentConnections, answerLimit } from './agent-connections.ts';
import type { AgentAddress, AgentHealth, AgentTask, AgentTransport, TaskLookup, TaskOutcome } from './agent-port.ts';
import { breakOf } from './broken-connection.ts';
import { gaveUp } from './gave-up.ts';
import { badAnswer, parseAnswer, readLookup, readOutcome } from './read-answer.ts';

const probeMs = 1_000;
const cancelMs = 2_000;
/** How long a broken conversation is tried to be taken up again. */
const recallMs = 2_000;

interface Answer {
  readonly status: number;
  readonly value: unknown;
}

/** Calls AgentCore over the unix socket in its run folder, or over TCP. */
export class HttpTransport implements AgentTransport {
  readonly kind = 'http';
  readonly #connections = new AgentConnections();
  readonly #cancels = new Set<Promise<void>>();

  async call(address: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    try {
      const open = this.#connections.openStream(address);
      // An id that is under way there already is joined over HTTP: an answer on the stream belongs to one caller.
      if (open === null || open.awaits(task.id) || signal.aborted) return await this.#hand(address, task, signal);
      const answer = await open.exchange(task, signal);
      if (answer.kind === 'outcome') return readOutcome(answer.value);
      return await this.#without(answer.kind, address, task, signal);
    } catch (error) {
      if (signal.aborted) {
        this.#cancelSoon(address, task.id);
        throw gaveUp(task, signal);
      }
      if (error instanceof PloinkyError) throw error;
      const how = breakOf(error);
      if (how === 'answerTooLarge') throw badAnswer(`it is over ${answerLimit} bytes`);
      if (how === 'answerLost') return this.#takeUp(address, task, signal, error);
      throw new PloinkyError('AGENT_UNREACHABLE', 'The agent does not accept connections.', { cause: error });
    }
  }

  async lookup(address: AgentAddress, taskId: string, signal: AbortSignal): Promise<TaskLookup> {
    const answer = await this.#exchange(address, 'GET', `/task/${taskId}`, null, signal).catch((error: unknown) => {
      if (error instanceof PloinkyError) throw error;
      throw new PloinkyError('AGENT_UNREACHABLE', 'The agent cannot be asked about the task.', { cause: error });
    });
    if (answer.status !== 200) throw badAnswer(`status ${answer.status} for a lookup`);
    return readLookup(answer.value);
  }

  async cancel(address: AgentAddress, taskId: string): Promise<void> {
    const signal = AbortSignal.timeout(cancelMs);
    await this.#exchange(address, 'DELETE', `/task/${taskId}`, null, signal).catch(() => {});
  }

  async probe(address: AgentAddress, signal: AbortSignal, withinMs = probeMs): Promise<AgentHealth | null> {
    try {
      const { status, value } = await withDeadline(signal, withinMs, (limit) => {
        return this.#exchange(address, 'GET', '/health', null, limit);
      });
      const { status: word, bootId } = (value ?? {}) as { status?: unknown; bootId?: unknown };
      return status === 200 && word === 'ok' && typeof bootId === 'string' ? { bootId, transport: 'http' } : null;
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#cancels);
    await this.#connections.close();
  }

  /** The caller is told at once; an agent that does not listen must not hold it up. */
  #cancelSoon(address: AgentAddress, taskId: string): void {
    const cancel = this.cancel(address, taskId).finally(() => this.#cancels.delete(cancel));
    this.#cancels.add(cancel);
  }

  /** Over the agent's stream of tasks; over HTTP where there is none. */
  async #hand(address: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    const open =
      this.#connections.openStream(address) ?? (await this.#connections.use(address, (ways) => ways.stream()));
    if (signal.aborted) throw signal.reason;
    const answer = open?.usable && !open.awaits(task.id) ? await open.exchange(task, signal) : null;
    if (!answer) return this.#post(address, task, signal);
    if (answer.kind === 'outcome') return readOutcome(answer.value);
    return this.#without(answer.kind, address, task, signal);
  }

  /** The answer on the stream was no outcome. */
  async #without(
    kind: 'fetch' | 'refused',
    address: AgentAddress,
    task: AgentTask,
    signal: Cancellation,
  ): Promise<TaskOutcome> {
    if (kind === 'refused') throw stopping();
    const found = await this.lookup(address, task.id, abortSignalOf(signal)).catch((error: unknown) => {
      if (signal.aborted || (error instanceof PloinkyError && error.code !== 'AGENT_UNREACHABLE')) throw error;
      // It ran: nobody may take this for a task that was never delivered.
      throw new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The agent was gone before it could be asked for its answer.', {
        cause: error,
      });
    });
    if (found.state !== 'ended') throw badAnswer('it forgot what it had to say');
    return found.outcome;
  }

  async #post(address: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome> {
    const { status, value } = await this.#exchange(
      address,
      'POST',
      '/task',
      JSON.stringify(task),
      abortSignalOf(signal),
    );
    if (status === 503 && isStopping(value)) {
      throw stopping();
    }
    if (status !== 200 && status !== 400 && status !== 413) throw badAnswer(`status ${status} for a task`);
    return readOutcome(value);
  }

  /**
   * The connection broke after the task may have been sent. Often only the connection is gone: then the agent still
   * knows, and handing the task over again joins it or gives its remembered outcome.
   */
  async #takeUp(address: AgentAddress, task: AgentTask, signal: Cancellation, cause: unknown): Promise<TaskOutcome> {
    try {
      const found = await withDeadline(signal, recallMs, (limit) => this.lookup(address, task.id, limit));
      if (found.state === 'ended') return found.outcome;
      if (found.state === 'running') return await this.#post(address, task, signal);
    } catch (error) {
      if (signal.aborted) {
        this.#cancelSoon(address, task.id);
        throw gaveUp(task, signal);
      }
      if (error instanceof PloinkyError && error.code === 'TASK_OUTCOME_UNKNOWN') throw error;
    }
    throw new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The connection to the agent broke while the task was under way.', {
      cause,
    });
  }

  #exchange(
    address: AgentAddress,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body: string | null,
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.#connections.use(address, ({ pool }) => exchange(pool, method, path, body, signal));
  }
}

function stopping(): PloinkyError {
  return new PloinkyError('AGENT_UNREACHABLE', 'The agent is stopping and takes no more tasks.');
}

async function exchange(
  pool: Pool,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body: string | null,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = body === null ? {} : { 'content-type': 'application/json' };
  const response = await pool.request({ method, path, body, headers, signal });
  const text = await response.body.text();
  return { status: response.statusCode, value: parseAnswer(text) };
}

function isStopping(value: unknown): boolean {
  const { error } = (value ?? {}) as { error?: { code?: unknown } };
  return error?.code === 'AGENT_STOPPING';
}
