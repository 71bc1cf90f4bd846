import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { readFailure } from './failures.ts';
import type { Head } from './log-port.ts';

export interface Marker extends Head {
  readonly logId: string;
}

/** The marker trails the log by no more than this. */
const trailsMs = 200;

/**
 * The head of the log, kept outside LevelDB in `head.json`: what LevelDB loses without a word is missed at the next
 * open. Written by rename and without fsync, so that the hot path pays for one fsync only.
 */
export class HeadMarker {
  readonly #file: string;
  readonly #logId: string;
  readonly #onTrouble: (error: unknown) => void;
  #next: Head | null = null;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: string, logId: string, onTrouble: (error: unknown) => void) {
    this.#file = join(folder, 'head.json');
    this.#logId = logId;
    this.#onTrouble = onTrouble;
  }

  moved(head: Head): void {
    this.#next = head;
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.flush();
    }, trailsMs);
    this.#timer.unref();
  }

  /** Writes what is due. A marker that cannot be written is told, and trails; the log is not held up. */
  flush(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(async () => {
      const head = this.#next;
      this.#next = null;
      if (head) await this.#write(head).catch(this.#onTrouble);
    });
    return this.#writing;
  }

  async #write({ seq, hash }: Head): Promise<void> {
    const marker: Marker = { logId: this.#logId, seq, hash };
    await writeFile(`${this.#file}.new`, `${JSON.stringify(marker)}\n`, { mode: 0o600 });
    await rename(`${this.#file}.new`, this.#file);
  }
}

/**
 * Null when there is none, or none any more: a power cut may leave a file that was just renamed without its content.
 * @throws PloinkyError LOG_DAMAGED when there is one that cannot be understood, LOG_UNREADABLE
 */
export async function readMarker(folder: string): Promise<Marker | null> {
  const file = join(folder, 'head.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw readFailure(error, file);
  }
  if (/^\0*$/.test(text)) return null;
  try {
    const { logId, seq, hash } = JSON.parse(text) as Partial<Marker>;
    if (typeof logId === 'string' && typeof hash === 'string' && Number.isSafeInteger(seq) && Number(seq) >= 0) {
      return { logId, seq: Number(seq), hash };
    }
  } catch {
    // falls through
  }
  throw new PloinkyError('LOG_DAMAGED', `${file} is no head marker.`);
}
