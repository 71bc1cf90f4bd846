import type { LogEntry } from './log-entry.ts';
import type { LogFilter } from './log-filter.ts';
import { beginning, entriesBehind, type LogPlace, lastEntries, type PlacedEntry } from './read-log.ts';
import { type ReplicaLog, replicaLogs } from './segments.ts';

/** A line with where it comes from. */
export type LogLine = LogEntry & {
  readonly release: number;
  readonly replica: number;
  /** `<release>.<replica>:<file>:<offset>`, for `after`. */
  readonly place: string;
};

export interface LogQuery extends LogFilter {
  /** Folder of the deployment. */
  readonly folder: string;
  readonly release?: number;
  readonly replica?: number;
  /** The newest so many; undefined = all. */
  readonly lines?: number;
  /** Places behind which to go on, one for each replica; what has none begins at its beginning. */
  readonly after?: readonly string[];
}

/** Between what there was and what comes: how far each log was read, also one of which nothing was shown. */
export interface LogPlaces {
  readonly places: readonly string[];
}

/** Given every so often when nothing comes, so that both ends notice a dead connection. */
export const quiet = Symbol('quiet');
const quietMs = 15_000;

/**
 * Lines of all releases of a deployment that match, by time, and then, with `follow`, as they come, those of releases that come later
 * among them. At the pace of the consumer: what is not asked for waits on the disk.
 */
export async function* readDeployment(
  query: LogQuery,
  follow: { readonly signal: AbortSignal; readonly listen: (listener: () => void) => () => void } | null,
): AsyncGenerator<LogLine | LogPlaces | typeof quiet> {
  const places = placesOf(query.after ?? []);
  yield* backlog(query, places);
  if (follow === null) return;
  yield { places: [...places].map(([id, place]) => placeText(id, place)) };
  const bell = new Bell(follow.signal);
  const stop = follow.listen(() => bell.ring());
  try {
    while (!follow.signal.aborted) {
      for (const log of await selected(query)) {
        for await (const line of behind(query, log, places)) {
          if (follow.signal.aborted) return;
          yield line;
        }
      }
      if (!(await bell.wait(quietMs)) && !follow.signal.aborted) yield quiet;
    }
  } finally {
    stop();
    bell.close();
  }
}

async function* backlog(query: LogQuery, places: Map<string, LogPlace>): AsyncGenerator<LogLine> {
  const logs = await selected(query);
  if (query.lines === undefined || query.after !== undefined) {
    yield* merged(logs.map((log) => behind(query, log, places)));
    return;
  }
  const all: LogLine[] = [];
  for (const log of logs) {
    const { entries, end } = await lastEntries(log.folder, query.lines, query);
    places.set(idOf(log), end);
    all.push(...entries.map((placed) => lineOf(log, placed)));
  }
  // Stable: lines of one log keep their order when their times are equal.
  all.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  yield* query.lines === 0 ? [] : all.slice(-query.lines);
}

async function* behind(query: LogQuery, log: ReplicaLog, places: Map<string, LogPlace>): AsyncGenerator<LogLine> {
  const id = idOf(log);
  const moved = (place: LogPlace) => places.set(id, place);
  for await (const placed of entriesBehind(log.folder, places.get(id) ?? beginning, query, moved)) {
    places.set(id, placed.place);
    yield lineOf(log, placed);
  }
}

/** By time; each source is in order. */
async function* merged(sources: readonly AsyncGenerator<LogLine>[]): AsyncGenerator<LogLine> {
  const heads = new Map<AsyncGenerator<LogLine>, LogLine>();
  const pull = async (source: AsyncGenerator<LogLine>) => {
    const { value, done } = await source.next();
    if (done) heads.delete(source);
    else heads.set(source, value);
  };
  try {
    for (const source of sources) await pull(source);
    while (heads.size > 0) {
      let first: [AsyncGenerator<LogLine>, LogLine] | null = null;
      for (const head of heads) if (first === null || head[1].time < first[1].time) first = head;
      if (first === null) return;
      yield first[1];
      await pull(first[0]);
    }
  } finally {
    for (const source of sources) await source.return(undefined);
  }
}

async function selected({ folder, release, replica }: LogQuery): Promise<ReplicaLog[]> {
  const logs = await replicaLogs(folder);
  return logs.filter(
    (log) => (release === undefined || log.release === release) && (replica === undefined || log.replica === replica),
  );
}

function lineOf(log: ReplicaLog, { entry, place }: PlacedEntry): LogLine {
  const { release, replica } = log;
  return { release, replica, ...entry, place: placeText(idOf(log), place) };
}

function placeText(id: string, { segment, offset }: LogPlace): string {
  return `${id}:${segment}:${offset}`;
}

function idOf({ release, replica }: ReplicaLog): string {
  return `${release}.${replica}`;
}

/** Those that are none are left out. */
function placesOf(after: readonly string[]): Map<string, LogPlace> {
  const places = new Map<string, LogPlace>();
  for (const text of after) {
    const [, id, segment, offset] = /^(\d{1,9}\.\d{1,9}):(\d{1,9}):(\d{1,15})$/.exec(text) ?? [];
    if (id !== undefined) places.set(id, { segment: Number(segment), offset: Number(offset) });
  }
  return places;
}

/** Wakes one waiter; a ring while nobody waits is kept. */
class Bell {
  readonly #signal: AbortSignal;
  readonly #stop = () => this.ring();
  #rung = false;
  #wake: (() => void) | null = null;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  /** True when it rang, false when the time has passed. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#rung && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        timer.unref();
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = null;
    }
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#stop);
  }
}
