import { createReadStream } from 'node:fs';
import { appendFile, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { placeFile } from '../../core/files/place-file.ts';
import { dayOf } from '../logs/day.ts';
import { mergedRounds, parseRound, roundText, type SampleRound } from './sample.ts';

const dayMs = 86_400_000;
/** A day that is over is kept in slices of this length. */
const coarseMs = 60_000;

/**
 * `<data>/logs/samples/<YYYY-MM-DD>.ndjson`, one for each UTC day. Of days that are over `<day>.minutes.ndjson` takes its place, a sixth of the
 * size. A line is a round; what a crash tore is passed over.
 */
export class SampleFiles {
  readonly #folder: string;
  #day: string | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async append(round: SampleRound): Promise<void> {
    const day = dayOf(round.at);
    const file = join(this.#folder, `${day}.ndjson`);
    if (this.#day !== day) {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await endLine(file);
      this.#day = day;
    }
    try {
      await appendFile(file, roundText(round), { mode: 0o600 });
    } catch (error) {
      // Somebody may have taken the folder away to make room: the next round makes it again.
      this.#day = null;
      throw error;
    }
  }

  /** Rounds from `since` to `until`, ascending. */
  async *read(since: number, until: number): AsyncGenerator<SampleRound> {
    for (const { day, file } of await this.#days()) {
      const begin = Date.parse(`${day}T00:00:00Z`);
      if (begin + dayMs <= since || begin > until) continue;
      for await (const round of roundsOf(join(this.#folder, file))) {
        if (round.at >= since && round.at <= until) yield round;
      }
    }
  }

  /** Takes away what is older than allowed and makes days that are over smaller. @param keptDays besides today */
  async tidy(now: number, keptDays: number): Promise<void> {
    const today = dayOf(now);
    const oldest = dayOf(now - keptDays * dayMs);
    for (const { day, file, coarse } of await this.#days()) {
      const path = join(this.#folder, file);
      if (day < oldest) await unlink(path).catch(() => undefined);
      else if (day < today && !coarse) await this.#makeCoarse(day, path);
    }
  }

  /** The new file is whole before the old one goes; where both are there after a crash the new one counts. */
  async #makeCoarse(day: string, path: string): Promise<void> {
    const lines: string[] = [];
    let slice: SampleRound[] = [];
    const sliceOf = ({ at }: SampleRound) => Math.floor(at / coarseMs) * coarseMs;
    const close = () => {
      const [first] = slice;
      if (first) lines.push(roundText(mergedRounds(sliceOf(first), slice)));
      slice = [];
    };
    for await (const round of roundsOf(path)) {
      if (slice[0] && sliceOf(slice[0]) !== sliceOf(round)) close();
      slice.push(round);
    }
    close();
    await placeFile(join(this.#folder, `${day}.minutes.ndjson`), lines.join(''));
    await unlink(path);
  }

  async #days(): Promise<{ readonly day: string; readonly file: string; readonly coarse: boolean }[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const files = names.flatMap((file) => {
      const [, day, coarse] = /^(\d{4}-\d\d-\d\d)(\.minutes)?\.ndjson$/.exec(file) ?? [];
      return day === undefined ? [] : [{ day, file, coarse: coarse !== undefined }];
    });
    const done = new Set(files.filter(({ coarse }) => coarse).map(({ day }) => day));
    return files.filter(({ day, coarse }) => coarse || !done.has(day)).sort((a, b) => (a.day < b.day ? -1 : 1));
  }
}

async function* roundsOf(file: string): AsyncGenerator<SampleRound> {
  const input = createReadStream(file, 'utf8');
  const failed = new Promise<void>((resolve) => input.once('error', () => resolve()));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  void failed.then(() => lines.close());
  try {
    for await (const line of lines) {
      const round = parseRound(line);
      if (round !== null) yield round;
    }
  } finally {
    input.destroy();
  }
}

/** A line that a crash tore must not swallow the next one. */
async function endLine(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch(() => null);
  if (handle === null) return;
  try {
    const { size } = await handle.stat();
    if (size === 0) return;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
    if (buffer[0] !== 0x0a) await handle.write('\n', size);
  } finally {
    await handle.close();
  }
}
