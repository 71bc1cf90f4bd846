import type { Readable } from 'node:stream';
import type { EngineConnection } from './engine-connection.ts';
import { LogFrames } from './log-frames.ts';

/** What a container wrote so far. @param lines newest lines only */
export async function readOutput(
  connection: EngineConnection,
  id: string,
  lines: number | 'all',
  signal: AbortSignal,
): Promise<string> {
  const tail = lines === 'all' ? {} : { tail: lines };
  const answer: unknown = await connection.ask('read the output of a container', signal, (docker, abortSignal) =>
    docker.getContainer(id).logs({ stdout: true, stderr: true, follow: false, ...tail, abortSignal }),
  );
  return Buffer.isBuffer(answer) ? new LogFrames().push(answer) : '';
}

/** Output of a container while it runs. */
export interface OutputStream {
  /**
   * To be called when the container has ended: waits for its last words and fetches what the stream left out.
   * @throws PloinkyError as every question to the engine
   */
  finish(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** An engine that forgets to end the stream of a container that has ended must not keep us. */
const lastWordsMs = 5_000;
/** So much output is not read a second time. */
const comparedLength = 1024 * 1024;

/**
 * Hands on everything that a container writes, from its first byte on. Returns at once: Podman sends the head of its
 * answer only with the first output, and a container may be silent for as long as it lives.
 */
export function followOutput(connection: EngineConnection, id: string, take: (text: string) => void): OutputStream {
  const stop = new AbortController();
  let length = 0;
  const handOn = (text: string) => {
    if (text === '' || stop.signal.aborted) return;
    length += text.length;
    take(text);
  };
  const ended = readStream(connection, id, stop.signal, handOn).catch(() => undefined);
  return {
    finish: async (signal) => {
      await Promise.race([ended, pause(lastWordsMs)]);
      stop.abort();
      if (length > comparedLength) return;
      // Docker 20.10 may end the stream before the last words of a short-lived container. Asked again now, it has all.
      const rest = (await readOutput(connection, id, 'all', signal)).slice(length);
      if (rest !== '') take(rest);
    },
    close: () => stop.abort(),
  };
}

async function readStream(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal,
  take: (text: string) => void,
): Promise<void> {
  const request = { stdout: true, stderr: true, follow: true } as const;
  const stream = (await connection.ask(
    'follow the output of a container',
    signal,
    (docker, abortSignal) => docker.getContainer(id).logs({ ...request, abortSignal }),
    null,
  )) as unknown as Readable;
  const frames = new LogFrames();
  await new Promise<void>((resolve) => {
    const close = () => stream.destroy();
    signal.addEventListener('abort', close, { once: true });
    stream.on('data', (chunk: Buffer) => take(frames.push(chunk)));
    // An error is followed by close; listened to so that it does not end the process.
    stream.on('error', () => undefined);
    stream.on('end', resolve).on('close', resolve);
    if (signal.aborted) close();
  });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
