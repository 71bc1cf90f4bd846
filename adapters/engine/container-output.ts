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

/**
 * Hands on everything that a container writes, from its first byte on, until it has ended.
 * @returns a promise of the stream's end; it never rejects, since what was said so far is worth having.
 */
export async function followOutput(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal,
  take: (text: string) => void,
): Promise<{ ended: Promise<void>; close(): void }> {
  const stream = (await connection.ask('follow the output of a container', signal, (docker, abortSignal) =>
    docker.getContainer(id).logs({ stdout: true, stderr: true, follow: true, abortSignal }),
  )) as unknown as Readable;
  const frames = new LogFrames();
  const ended = new Promise<void>((resolve) => {
    stream.on('data', (chunk: Buffer) => {
      const text = frames.push(chunk);
      if (text !== '') take(text);
    });
    stream.on('error', () => resolve());
    stream.on('end', () => resolve());
    stream.on('close', () => resolve());
  });
  return { ended, close: () => stream.destroy() };
}
