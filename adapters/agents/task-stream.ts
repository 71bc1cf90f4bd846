import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Cancellation } from '../../core/clock/cancellation.ts';
import type { AgentTask } from './agent-port.ts';
import { parseAnswer } from './read-answer.ts';
import { TextLines } from './text-lines.ts';

/** What the agent answered to one task. */
export type StreamAnswer =
  | { readonly kind: 'outcome'; readonly value: unknown }
  /** It is large: to be fetched by its id. */
  | { readonly kind: 'fetch' }
  /** The agent is stopping and did not take the task. */
  | { readonly kind: 'refused' };

/** Somebody who waits for the answer to a task. */
class Waiting {
  readonly #stream: TaskStream;
  readonly #taskId: string;
  readonly #signal: Cancellation;
  readonly #resolve: (answer: StreamAnswer) => void;
  readonly #reject: (error: unknown) => void;
  readonly #giveUp = () => {
    this.#stream.forget(this.#taskId);
    this.#reject(this.#signal.reason);
  };

  constructor(
    stream: TaskStream,
    taskId: string,
    signal: Cancellation,
    resolve: (answer: StreamAnswer) => void,
    reject: (error: unknown) => void,
  ) {
    this.#stream = stream;
    this.#taskId = taskId;
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal.addEventListener('abort', this.#giveUp, { once: true });
  }

  answer(answer: StreamAnswer): void {
    this.#signal.removeEventListener('abort', this.#giveUp);
    this.#resolve(answer);
  }

  fail(error: unknown): void {
    this.#signal.removeEventListener('abort', this.#giveUp);
    this.#reject(error);
  }
}

const greeting = 'GET /tasks HTTP/1.1\r\nhost: agent\r\nconnection: Upgrade\r\nupgrade: ploinky-tasks\r\n\r\n';
const longestGreeting = 8_192;

/**
 * One connection on which many tasks are under way: a line for each task, a line for each answer. An exchange of HTTP for
 * each call costs several times as much as everything else that a call does.
 */
export class TaskStream {
  readonly #socket: Socket;
  readonly #lines: TextLines;
  readonly #waiting = new Map<string, Waiting>();
  #usable = true;

  /** @param longest bytes of one answer */
  private constructor(socket: Socket, begun: Buffer, longest: number) {
    this.#socket = socket;
    this.#lines = new TextLines(socket, longest, (line) => this.#answered(line));
    socket.on('error', () => {});
    socket.on('close', () => this.#broken());
    this.#lines.take(begun);
  }

  /**
   * Resolves with null when what listens there speaks HTTP alone, as an AgentCore of an older version.
   * Rejects with the system's error when nobody listens.
   */
  static open(where: NetConnectOpts, connectMs: number, longest: number): Promise<TaskStream | null> {
    return new Promise((resolve, reject) => {
      const socket = connect(where);
      let bytes: Buffer = Buffer.alloc(0);
      const timer = setTimeout(() => {
        socket.destroy(Object.assign(new Error('the agent did not answer'), { code: 'UND_ERR_CONNECT_TIMEOUT' }));
      }, connectMs);
      const settle = () => {
        clearTimeout(timer);
        socket.removeAllListeners();
      };
      socket.once('connect', () => socket.write(greeting));
      socket.on('error', (error) => {
        settle();
        socket.on('error', () => {});
        reject(error);
      });
      socket.on('close', () => {
        settle();
        resolve(null);
      });
      socket.on('data', (chunk: Buffer) => {
        bytes = Buffer.concat([bytes, chunk]);
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0 && bytes.length < longestGreeting) return;
        settle();
        const switched = bytes.toString('latin1', 0, 13) === 'HTTP/1.1 101 ';
        if (switched && end >= 0) resolve(new TaskStream(socket, bytes.subarray(end + 4), longest));
        else {
          socket.on('error', () => {});
          socket.destroy();
          resolve(null);
        }
      });
    });
  }

  /** New tasks may be sent on it. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Somebody waits for an answer on it. */
  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  awaits(taskId: string): boolean {
    return this.#waiting.has(taskId);
  }

  /**
   * Sends the task now. Rejects with the signal's reason, or when the connection breaks: whether the agent got it is not
   * known then. The caller asks `usable` first.
   */
  exchange(task: AgentTask, signal: Cancellation): Promise<StreamAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(task.id, new Waiting(this, task.id, signal, resolve, reject));
      const { id, command, params, runForUserId, timeoutMs, metadata } = task;
      // The id first: the agent finds it there without reading the rest.
      this.#lines.write(JSON.stringify({ id, command, params, runForUserId, timeoutMs, metadata }));
    });
  }

  /** Nobody waits for the answer any more. */
  forget(taskId: string): void {
    this.#waiting.delete(taskId);
    this.#closeWhenDone();
  }

  /** Closes once every answer is there. */
  retire(): void {
    this.#usable = false;
    this.#closeWhenDone();
  }

  destroy(): void {
    this.#usable = false;
    this.#socket.destroy();
  }

  #answered(line: string): void {
    let answer: Record<string, unknown>;
    try {
      answer = parseAnswer(line) as Record<string, unknown>;
    } catch (error) {
      this.#socket.destroy(error as Error);
      return;
    }
    if (answer.stopping === true) {
      this.retire();
      return;
    }
    const id = String(answer.id);
    const waiting = this.#waiting.get(id);
    // Nobody waits any more.
    if (!waiting) return;
    this.#waiting.delete(id);
    if (answer.fetch === true) waiting.answer({ kind: 'fetch' });
    else if (answer.refused === true) waiting.answer({ kind: 'refused' });
    else waiting.answer({ kind: 'outcome', value: answer });
    this.#closeWhenDone();
  }

  #closeWhenDone(): void {
    if (this.#usable || this.#waiting.size > 0) return;
    this.#lines.flush();
    this.#socket.end();
  }

  #broken(): void {
    this.#usable = false;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    const error = Object.assign(new Error('the connection to the agent broke'), { code: 'ECONNRESET' });
    for (const one of waiting) one.fail(error);
  }
}
