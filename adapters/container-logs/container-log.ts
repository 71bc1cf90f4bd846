import { withDeadline } from '../../core/clock/deadline.ts';
import type { Engine } from '../engine/engine-port.ts';
import type { FollowOutcome, OutputLine, OutputMark, OutputStream } from '../engine/output-line.ts';
import { outputTime } from '../engine/output-time.ts';
import type { Redact } from '../secrets/redact.ts';
import { droppedText, type LogEntry, markOf } from './log-entry.ts';
import { continues, type LogBounds, LogWriter } from './log-writer.ts';
import { MaskedLines } from './masked-lines.ts';
import { Pace } from './pace.ts';

export interface ContainerLogParts {
  readonly name: string;
  readonly engineId: string;
  readonly folder: string;
  readonly engine: () => Promise<Engine>;
  /** Whether it should run, as far as the log knows. */
  readonly shouldRun: () => boolean;
  readonly redact: () => Promise<Redact>;
  readonly bounds: () => LogBounds;
  readonly bytesPerSecond: () => number;
  readonly appended: () => void;
  readonly now: () => number;
}

/** Stores what one start of a container writes, from where the stored log ends. */
export async function storeOutput(parts: ContainerLogParts, signal: AbortSignal): Promise<FollowOutcome> {
  const { name, engineId, folder } = parts;
  const marks = new Map<OutputStream, OutputMark>();
  const time = () => outputTime(parts.now());
  const header = () => continues(time(), engineId, [...marks.values()]);
  const writer = await LogWriter.open(folder, parts.bounds, header);
  let output: StoredOutput | null = null;
  try {
    const known = writer.end.engineId === engineId;
    if (known) for (const mark of writer.end.marks) marks.set(mark.stream, mark);
    if (known && writer.end.ended) {
      // Somebody may have made the engine start the same container again.
      if (!(parts.shouldRun() && (await runs(parts, signal)))) return 'ended';
      const again = { ...header(), text: `${name} started` };
      await writer.append([again]);
    }
    if (!known) await writer.append([{ time: time(), stream: 'ploinky', text: `${name} started`, engineId }]);
    parts.appended();
    const storing = new StoredOutput(writer, new MaskedLines(await parts.redact()), marks, parts.appended);
    output = storing;
    const engine = await parts.engine();
    const budget = new Pace(parts.bytesPerSecond, () => performance.now());
    const options = { engineId, after: [...marks.values()], signal, budget };
    const outcome = await engine.follow(name, options, async (lines) => {
      await storing.take(lines);
      parts.appended();
    });
    await storing.end();
    const text = outcome === 'ended' ? `${name} ended` : `${name} is gone`;
    await writer.append([{ time: time(), stream: 'ploinky', text, ended: engineId }]);
    // The engine's own copy goes with the container, and may go next.
    await writer.sync();
    parts.appended();
    return outcome;
  } finally {
    output?.close();
    await writer.close();
  }
}

async function runs({ engine, name, engineId }: ContainerLogParts, signal: AbortSignal): Promise<boolean> {
  const found = await (await engine()).inspect(name, signal);
  return found?.engineId === engineId && found.status !== 'exited';
}

/** A stream that was dropped and is silent since is told of after so long. */
const tellAfterMs = 1_000;

/** Lines on their way into the log. */
class StoredOutput {
  readonly #writer: LogWriter;
  readonly #appended: () => void;
  readonly #masked: MaskedLines;
  readonly #marks: Map<OutputStream, OutputMark>;
  /** What was dropped since the last line, added up: a flood must not become one of notices. */
  readonly #dropped = new Map<OutputStream, { lines: number | null; bytes: number; last: OutputLine }>();

  constructor(writer: LogWriter, masked: MaskedLines, marks: Map<OutputStream, OutputMark>, appended: () => void) {
    this.#appended = appended;
    this.#writer = writer;
    this.#masked = masked;
    this.#marks = marks;
  }

  #timer: NodeJS.Timeout | null = null;
  /** Writes are one after the other; what one of them threw is thrown by the next. */
  #turn: Promise<void> = Promise.resolve();

  take(lines: readonly OutputLine[]): Promise<void> {
    return this.#inTurn(() => this.#store(lines.flatMap((line) => this.#masked.push(line))));
  }

  end(): Promise<void> {
    this.close();
    return this.#inTurn(async () => {
      await this.#store([...this.#masked.flush('stdout'), ...this.#masked.flush('stderr')]);
      await this.#tellAll();
    });
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    this.#turn.catch(() => undefined);
    return this.#turn;
  }

  #tellAll(): Promise<void> {
    return this.#writer.append([...this.#tellDropped('stdout'), ...this.#tellDropped('stderr')]);
  }

  async #store(lines: readonly OutputLine[]): Promise<void> {
    const entries: LogEntry[] = [];
    for (const line of lines) {
      if (line.dropped) this.#count(line, line.dropped);
      else {
        entries.push(...this.#tellDropped(line.stream), entryOf(line));
        this.#marks.set(line.stream, markOf(line));
      }
    }
    await this.#writer.append(entries);
  }

  #count(line: OutputLine, { lines, bytes }: { lines: number | null; bytes: number }): void {
    const before = this.#dropped.get(line.stream);
    const sum = before?.lines === null || lines === null ? null : (before?.lines ?? 0) + lines;
    this.#dropped.set(line.stream, { lines: sum, bytes: (before?.bytes ?? 0) + bytes, last: line });
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#inTurn(() => this.#tellAll()).then(this.#appended, () => undefined);
    }, tellAfterMs).unref();
  }

  #tellDropped(stream: OutputStream): LogEntry[] {
    const dropped = this.#dropped.get(stream);
    if (dropped === undefined) return [];
    this.#dropped.delete(stream);
    const { lines, bytes, last } = dropped;
    this.#marks.set(stream, markOf(last));
    const marks = [...this.#marks.values()];
    return [{ time: last.time, stream: 'ploinky', text: droppedText(dropped), dropped: { lines, bytes }, marks }];
  }
}

function entryOf({ time, stream, n, text, more }: OutputLine): LogEntry {
  return { time, stream, n, text, ...(more ? { more } : {}) };
}

/** Resolves with what `work` resolves with, or false when it takes longer. */
export async function within(ms: number, signal: AbortSignal, work: Promise<unknown>): Promise<boolean> {
  return withDeadline(signal, ms, async (limited) => {
    const over = new Promise<false>((resolve) => {
      if (limited.aborted) resolve(false);
      limited.addEventListener('abort', () => resolve(false), { once: true });
    });
    return Promise.race([work.then(() => true), over]);
  });
}
