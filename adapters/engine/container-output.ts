import type { Readable } from 'node:stream';
import type { EngineConnection } from './engine-connection.ts';
import { LogFrames } from './log-frames.ts';

/** What a container wrote so far. @param tailLines newest lines only */
export async function readOutput(
  connection: EngineConnection,
  id: string,
  tailLines: number,
  signal: AbortSignal,
): Promise<string> {
  const answer: unknown = await connection.ask('read the output of a container', signal, (docker, abortSignal) =>
    docker.getContainer(id).logs({ stdout: true, stderr: true, follow: false, tail: tailLines, abortSignal }),
  );
  return Buffer.isBuffer(answer) ? new LogFrames().push(answer) : '';
}

/** Output of a container while it runs. */
export interface OutputStream {
  /** True once everything was handed on, false when the stream broke or could not be opened. Never rejects. */
  readonly ended: Promise<boolean>;
  close(): void;
}

/**
 * Hands on everything that a container writes, from its first byte on, until it has ended. Returns at once: Podman
 * sends the head of its answer only with the first output, and a container may be silent for as long as it lives.
 */
export function followOutput(connection: EngineConnection, id: string, take: (text: string) => void): OutputStream {
  const stop = new AbortController();
  const ended = readStream(connection, id, stop.signal, take).catch(() => false);
  return { ended, close: () => stop.abort() };
}

async function readStream(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal,
  take: (text: string) => void,
): Promise<boolean> {
  const request = { stdout: true, stderr: true, follow: true } as const;
  const stream = (await connection.ask(
    'follow the output of a container',
    signal,
    (docker, abortSignal) => docker.getContainer(id).logs({ ...request, abortSignal }),
    null,
  )) as unknown as Readable;
  const frames = new LogFrames();
  return await new Promise<boolean>((resolve) => {
    const close = () => stream.destroy();
    signal.addEventListener('abort', close, { once: true });
    stream.on('data', (chunk: Buffer) => {
      const text = frames.push(chunk);
      if (text !== '') take(text);
    });
    stream.on('error', () => resolve(false));
    stream.on('end', () => resolve(true));
    stream.on('close', () => resolve(false));
    if (signal.aborted) close();
  });
}
