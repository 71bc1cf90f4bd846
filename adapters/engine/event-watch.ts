import type { Readable } from 'node:stream';
import type { EngineNotice } from './engine-port.ts';
import { LineSplitter } from './split-lines.ts';

export interface EventWatchOptions {
  /** Opens the stream of events. Rejects when the engine does not answer. */
  readonly open: (signal: AbortSignal) => Promise<Readable>;
  readonly translate: (line: string) => EngineNotice | null;
  readonly listener: (notice: EngineNotice) => void;
  /** ms before the n-th attempt (from 1) to open the stream again. */
  readonly backoff?: (attempt: number) => number;
}

/**
 * Listens until closed. What happened while the stream was broken nobody will tell, so `gap` is said when it breaks and
 * again when it stands, at which moment looking gives a complete picture.
 */
export function watchEvents(options: EventWatchOptions): { close(): void } {
  const stop = new AbortController();
  void follow(options, stop.signal);
  return { close: () => stop.abort() };
}

async function follow(options: EventWatchOptions, signal: AbortSignal): Promise<void> {
  const backoff = options.backoff ?? ((attempt: number) => Math.min(30_000, 100 * 2 ** (attempt - 1)));
  const tell = (notice: EngineNotice) => {
    if (!signal.aborted) options.listener(notice);
  };
  let failures = 0;
  while (!signal.aborted) {
    try {
      const stream = await options.open(signal);
      if (failures > 0) tell({ kind: 'gap' });
      failures = 0;
      await readEvents(stream, options.translate, tell, signal);
    } catch {
      // Why it cannot be opened is said by whoever asks the engine for something; here it only means later.
    }
    if (failures === 0) tell({ kind: 'gap' });
    failures += 1;
    await pause(backoff(failures), signal);
  }
}

/** Settles when the stream is over for whatever reason. */
function readEvents(
  stream: Readable,
  translate: EventWatchOptions['translate'],
  tell: (notice: EngineNotice) => void,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve) => {
    const lines = new LineSplitter();
    const end = () => {
      signal.removeEventListener('abort', end);
      stream.destroy();
      resolve();
    };
    if (signal.aborted) return end();
    signal.addEventListener('abort', end, { once: true });
    stream.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const notice = translate(line);
        if (notice !== null) tell(notice);
      }
    });
    // An error is followed by close; listened to so that it does not end the process.
    stream.on('error', () => undefined);
    stream.on('end', end).on('close', end);
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    if (signal.aborted) return finish();
    signal.addEventListener('abort', finish, { once: true });
  });
}
