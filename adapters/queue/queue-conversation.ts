import type { Cancellation } from '../../core/clock/cancellation.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { AgentAddress } from '../agents/agent-port.ts';
import { FolderWatch } from './folder-watch.ts';
import { QueueFiles } from './queue-files.ts';
import { queueServedBy } from './ready-file.ts';

export interface QueueAnswer {
  readonly from: 'results' | 'errors';
  readonly text: string;
}

interface Waiter {
  readonly users: Set<{ resolve(answer: QueueAnswer): void; reject(error: unknown): void }>;
}

/** How long the answer to something that was given up may take before it is left to the sweep. */
const strayMs = 600_000;
const mostStrays = 10_000;

/** Everything that is under way with one agent over its queue. */
export class QueueConversation {
  readonly files: QueueFiles;
  readonly #runFolder: string;
  readonly #watch: FolderWatch;
  readonly #waiters = new Map<string, Waiter>();
  /** Given up, but perhaps still answered: such answers are removed. Until when, by name. */
  readonly #strays = new Map<string, number>();

  /** Throws when the queue's folder is not there. */
  constructor({ queueFolder, runFolder }: AgentAddress) {
    this.#runFolder = runFolder;
    this.files = new QueueFiles(queueFolder);
    this.files.make();
    this.#watch = new FolderWatch(
      [this.files.folder('results'), this.files.folder('errors')],
      (folder, name) => this.#arrived(folder === 0 ? 'results' : 'errors', name),
      () => this.#look(),
    );
  }

  get idle(): boolean {
    return this.#waiters.size === 0;
  }

  /**
   * Waits for the answer of that name and removes its file. Rejects with what `ask` throws, the signal's reason, or
   * AGENT_BAD_ANSWER; AGENT_UNREACHABLE when the agent stopped before it took the question.
   * @param ask writes the question; not called when the answer lies there already, from before a restart of the server
   */
  answer(name: string, signal: Cancellation, ask: () => void): Promise<QueueAnswer> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const waiter: Waiter = this.#waiters.get(name) ?? { users: new Set() };
      const leave = () => {
        signal.removeEventListener('abort', giveUp);
        waiter.users.delete(user);
        if (waiter.users.size === 0 && this.#waiters.get(name) === waiter) this.#waiters.delete(name);
        if (this.#waiters.size === 0) this.#watch.rest();
      };
      const user = {
        resolve(answer: QueueAnswer) {
          leave();
          resolve(answer);
        },
        reject(error: unknown) {
          leave();
          reject(error);
        },
      };
      const giveUp = () => user.reject(signal.reason);
      signal.addEventListener('abort', giveUp, { once: true });
      waiter.users.add(user);
      this.#waiters.set(name, waiter);
      this.#strays.delete(name);
      this.#watch.wake();
      try {
        if (!this.#check(name)) ask();
      } catch (error) {
        user.reject(error);
      }
    });
  }

  /** The answer of that name is of no use any more, whenever it comes. */
  disown(name: string): void {
    if (this.#waiters.has(name)) return;
    const now = Date.now();
    for (const [stray, until] of this.#strays) {
      if (until > now && this.#strays.size < mostStrays) break;
      this.#strays.delete(stray);
    }
    this.#strays.set(name, now + strayMs);
    this.#arrived('results', name);
    this.#arrived('errors', name);
  }

  /** Ends the waiting of all. */
  close(): void {
    this.#watch.close();
    const closed = new PloinkyError('TASK_OUTCOME_UNKNOWN', 'The server stopped waiting for the agent.');
    for (const name of [...this.#waiters.keys()]) this.#reject(name, closed);
  }

  #arrived(from: 'results' | 'errors', name: string): void {
    if (this.#waiters.has(name)) this.#takeFrom(from, name);
    else if (this.#strays.has(name) && this.files.remove(from, name)) this.#strays.delete(name);
  }

  #look(): boolean {
    let found = false;
    const served = queueServedBy(this.#runFolder) !== null;
    for (const name of [...this.#waiters.keys()]) {
      if (this.#check(name)) found = true;
      else if (!served && this.files.remove('tasks', name)) {
        this.#reject(name, new PloinkyError('AGENT_UNREACHABLE', 'The agent stopped before it took the task.'));
      }
    }
    return found;
  }

  #check(name: string): boolean {
    return this.#takeFrom('results', name) || this.#takeFrom('errors', name);
  }

  #takeFrom(from: 'results' | 'errors', name: string): boolean {
    const waiter = this.#waiters.get(name);
    if (!waiter) return false;
    try {
      const text = this.files.read(from, name);
      if (text === null) return false;
      for (const user of [...waiter.users]) user.resolve({ from, text });
      this.files.remove(from, name);
    } catch (error) {
      this.#reject(name, error);
    }
    return true;
  }

  #reject(name: string, error: unknown): void {
    for (const user of [...(this.#waiters.get(name)?.users ?? [])]) user.reject(error);
  }
}
