import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';

export interface Told {
  readonly id: string;
  readonly hash: string;
}

export interface AppenderOptions {
  readonly folder: string;
  readonly how: 'create' | 'open';
  /** Appends under way at a time. */
  readonly callers: number;
  readonly seed: number;
  /** One append of so many has events of kilobytes. */
  readonly largeOneIn: number;
  /** Whether it asks again, with an idempotency key, when the log could not be written; else it ends. */
  readonly retry: boolean;
  /** A file that gets the same lines. */
  readonly copy?: string;
}

type Word = 'ready' | 'ack' | 'refused' | 'read' | 'unread';

/** A process that appends until it is killed, and what it said was durable. */
export class AppenderProcess {
  /** By seq. */
  readonly acknowledged = new Map<number, Told>();
  /** How often it said what. */
  readonly said: Record<Word, number> = { ready: 0, ack: 0, refused: 0, read: 0, unread: 0 };
  /** Codes of refusals. */
  readonly codes = new Set<string>();
  /** Acknowledgements that came after a refusal. */
  acknowledgedLater = 0;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  /** Of the appender itself, below its wrapper. */
  #pid: number | null = null;
  #rest = '';
  #errors = '';

  /** `wrapper`: a command that runs the command that follows it. */
  constructor(options: AppenderOptions, wrapper: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const program = join(packageRoot(), 'dist', 'test', 'durability', 'appender.js');
    const [command = '', ...args] = [...wrapper, process.execPath, program, JSON.stringify(options)];
    this.#child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    // `close`, not `exit`: what lies in the pipe was acknowledged too.
    this.#ended = once(this.#child, 'close').then(() => this.#wake());
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Whether the log was open before it was killed. */
  get ready(): boolean {
    return this.said.ready > 0;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get errors(): string {
    return this.#errors;
  }

  /** Resolves when it has said the word so often, by itself once more; rejects when it ends before. */
  says(word: Word, times = this.said[word] + 1): Promise<void> {
    return this.until(`said "${word}"`, () => this.said[word] >= times);
  }

  /** Resolves when `done`, asked after each word of it; rejects when it ends before. */
  async until(what: string, done: () => boolean): Promise<void> {
    while (!done()) {
      if (this.ended) throw new Error(`the appender ended before it ${what}: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** @throws Error when it had ended by itself, which it never should */
  async kill(): Promise<void> {
    const alive = this.#pid === null || this.ended ? this.#child.kill('SIGKILL') : process.kill(this.#pid, 'SIGKILL');
    await this.#ended;
    if (!alive || this.#child.signalCode !== 'SIGKILL') throw new Error(`the appender ended: ${this.#errors}`);
  }

  /** When it is gone, however that came. */
  async gone(): Promise<void> {
    await this.#ended;
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [word = '', ...rest] = line.split(' ');
      this.said[word as Word] += 1;
      if (word === 'ready') this.#pid = Number(rest[0]);
      if (word === 'ack' && this.said.refused > 0) this.acknowledgedLater += 1;
      if (word === 'refused') this.codes.add(rest.join(' '));
      if (word !== 'ack') continue;
      for (const event of rest) {
        const [seq = '', id = '', hash = ''] = event.split(',');
        this.acknowledged.set(Number(seq), { id, hash });
      }
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
