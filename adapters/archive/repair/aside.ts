import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { exportLine } from '../../../core/log/event-line.ts';
import type { Head } from '../../../core/log/log-port.ts';
import { decodeLine } from '../../../core/log/record.ts';

/** Events behind a hole that are good in themselves, in a file of their own. */
export interface AsideRange {
  readonly from: number;
  readonly to: number;
  readonly file: string;
}

/**
 * Writes events that no chain reaches to files `unsaved-<from>-<to>.ndjson`, one for each run in which every event is
 * chained to the one before it. The form is that of an export; its first event could be checked by checksum alone.
 */
export class AsideFiles {
  readonly ranges: AsideRange[] = [];
  readonly #folder: string;
  readonly #logId: () => string;
  #file: FileHandle | null = null;
  #from = 0;
  #head: Head = { seq: 0, hash: '' };
  #text: string[] = [];

  constructor(folder: string, logId: () => string) {
    this.#folder = folder;
    this.#logId = logId;
  }

  async add(line: string, seq: number, follows: boolean): Promise<void> {
    if (!follows) {
      await this.end();
      this.#from = seq;
      this.#file = await open(this.#partial, 'wx', 0o600);
      this.#text.push(`${JSON.stringify({ format: 'ploinky-unsaved', v: 1, logId: this.#logId(), from: seq })}\n`);
    }
    const event = decodeLine(line, seq);
    if (!event) return;
    this.#text.push(`${exportLine(event)}\n`);
    this.#head = { seq, hash: event.hash };
    if (this.#text.length >= 1_000) await this.#write();
  }

  /** Closes the last file. */
  async end(): Promise<void> {
    if (!this.#file) return;
    const { seq: to } = this.#head;
    this.#text.push(`${JSON.stringify({ trailer: { events: to - this.#from + 1, head: this.#head } })}\n`);
    await this.#write();
    await this.#file.close();
    this.#file = null;
    const file = `unsaved-${this.#from}-${to}.ndjson`;
    await rename(this.#partial, join(this.#folder, file));
    this.ranges.push({ from: this.#from, to, file });
  }

  get #partial(): string {
    return join(this.#folder, `unsaved-${this.#from}.part`);
  }

  async #write(): Promise<void> {
    const text = this.#text.join('');
    this.#text = [];
    await this.#file?.write(text);
  }
}
