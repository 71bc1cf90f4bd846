import type { FileHandle } from 'node:fs/promises';
import { TextTail } from '../../engine/text-tail.ts';
import type { Redact } from '../../secrets/redact.ts';

/** Bytes of the log file that are written as they come; of what follows only the end is kept. */
const mostBytes = 4 * 1024 * 1024;
const endBytes = 64 * 1024;
/** What a line may have before its rest is dropped, and what is shown of it. A secret at the cut is thus never cut. */
const longestLine = 64 * 1024;
const shownOfLine = 16 * 1024;

/** Takes what an install step writes: masks it, line by line, and hands it to the log file and to whoever looks on. */
export class InstallOutput {
  readonly #file: Pick<FileHandle, 'appendFile'>;
  readonly #redact: Redact;
  readonly #told: (lines: readonly string[]) => void;
  readonly #tail = new TextTail(endBytes);
  readonly #rest = new TextTail(endBytes);
  #open = '';
  #written = 0;
  #left = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param told gets whole lines, masked, without line ends */
  constructor(file: Pick<FileHandle, 'appendFile'>, redact: Redact, told: (lines: readonly string[]) => void) {
    this.#file = file;
    this.#redact = redact;
    this.#told = told;
  }

  push(text: string): void {
    const lines = `${this.#open}${text}`.split(/\r?\n|\r(?!$)/);
    this.#open = (lines.pop() ?? '').slice(0, longestLine);
    if (lines.length > 0) this.#take(lines);
  }

  /** The last lines so far, masked. */
  tail(): string {
    return this.#tail.text();
  }

  /** Resolves when everything is in the file. @throws errors of the disk */
  async end(): Promise<void> {
    if (this.#open !== '') this.#take([this.#open]);
    this.#open = '';
    if (this.#left > 0) {
      const left = `… output of more than ${mostBytes / 1024 ** 2} MiB: ${this.#left} bytes are left out, these are the last …\n`;
      this.#write(`${left}${this.#rest.text()}`);
      this.#left = 0;
    }
    await this.#turn;
  }

  #take(lines: readonly string[]): void {
    const masked = this.#redact(lines.map((line) => line.slice(0, longestLine)).join('\n'));
    const shown = masked
      .split('\n')
      .map((line) => (line.length > shownOfLine ? `${line.slice(0, shownOfLine)} …` : line));
    const text = `${shown.join('\n')}\n`;
    this.#tail.push(text);
    this.#told(shown);
    if (this.#written < mostBytes) {
      this.#written += Buffer.byteLength(text);
      this.#write(text);
      return;
    }
    this.#left += Buffer.byteLength(text);
    this.#rest.push(text);
  }

  #write(text: string): void {
    this.#turn = this.#turn.then(() => this.#file.appendFile(text));
    // Asked for at the end; until then nobody listens.
    this.#turn.catch(() => {});
  }
}
