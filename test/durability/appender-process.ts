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
  readonly callers: number;
  readonly seed: number;
}

/** A process that appends until it is killed, and what it said was durable. */
export class AppenderProcess {
  /** By seq, in the order told. */
  readonly acknowledged = new Map<number, Told>();
  /** False when it was killed before the log was open. */
  ready = false;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #rest = '';
  #errors = '';
  #onReady = () => {};

  constructor({ folder, how, callers, seed }: AppenderOptions) {
    const program = join(packageRoot(), 'dist', 'test', 'durability', 'appender.js');
    const args = [program, folder, how, String(callers), String(seed)];
    this.#child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    // `close`, not `exit`: what lies in the pipe was acknowledged too.
    this.#ended = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text;
    });
  }

  /** Resolves when its log is open; rejects when it ended before. */
  async opened(): Promise<void> {
    if (this.ready) return;
    const isReady = new Promise<void>((resolve) => {
      this.#onReady = resolve;
    });
    await Promise.race([isReady, this.#ended]);
    if (!this.ready) throw new Error(`the appender ended before its log was open: ${this.#errors}`);
  }

  /** @throws Error when it had ended by itself, which it never should */
  async kill(): Promise<void> {
    const alive = this.#child.kill('SIGKILL');
    await this.#ended;
    if (!alive || this.#child.signalCode !== 'SIGKILL') throw new Error(`the appender ended: ${this.#errors}`);
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const [kind, ...events] = line.split(' ');
      if (kind === 'ready') {
        this.ready = true;
        this.#onReady();
      }
      for (const event of events) {
        const [seq = '', id = '', hash = ''] = event.split(',');
        this.acknowledged.set(Number(seq), { id, hash });
      }
    }
  }
}
