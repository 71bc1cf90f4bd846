import type { Readable } from 'node:stream';
import type { EngineConnection } from './engine-connection.ts';
import { LogPieces } from './log-pieces.ts';
import type { FollowOptions, FollowOutcome, OutputMark, TakeLines } from './output-line.ts';
import { type OwnedContainers, refusedWith } from './owned-containers.ts';

/**
 * Asked for from so long before the last mark. What is known already is left out by its mark: Podman tells whole seconds
 * only, and of two streams the one that was stored later need not be the one that was written later.
 */
const againMs = 2_000;
/** An engine that forgets to end the stream of a container that has ended must not keep us. */
const lookEveryMs = 30_000;

/**
 * What a container wrote, from the engine's own store of it.
 * @throws PloinkyError ENGINE_UNAVAILABLE, ENGINE_TIMEOUT (also when the signal aborts), ENGINE_FAILED
 */
export async function followContainer(
  connection: EngineConnection,
  owned: OwnedContainers,
  name: string,
  options: FollowOptions,
  take: TakeLines,
): Promise<FollowOutcome> {
  const { engineId, signal, budget } = options;
  const marks = new Map(options.after.map((mark) => [mark.stream, mark]));
  const running = async (): Promise<boolean | null> => {
    const holder = await owned.find(name, signal);
    if (holder.kind !== 'ours' || holder.id !== engineId) return null;
    return holder.answer.State.Running || holder.answer.State.Paused;
  };
  for (;;) {
    const before = await running();
    if (before === null) return 'gone';
    const pieces = new LogPieces([...marks.values()], budget);
    const handOn = async (chunk: Buffer) => {
      const lines = pieces.push(chunk);
      if (lines.length === 0) return;
      await take(lines);
      for (const line of lines) marks.set(line.stream, line);
    };
    // The answer for one that has ended before it was asked is whole; a stream may end before the last words.
    const follow = before;
    const request = { stdout: true, stderr: true, timestamps: true, follow, since: sinceOf([...marks.values()]) };
    try {
      await read(connection, engineId, request, signal, follow ? async () => (await running()) !== true : null, handOn);
    } catch (error) {
      if (refusedWith(error, 404)) return 'gone';
      throw error;
    }
    if (!follow) return 'ended';
  }
}

interface LogsRequest {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly timestamps: boolean;
  readonly follow: boolean;
  readonly since: number;
}

/** Seconds since 1970, as both engines take them; 0 = from the beginning. */
function sinceOf(marks: readonly OutputMark[]): number {
  const newest = marks.reduce((latest, { time }) => (time > latest ? time : latest), '');
  return newest === '' ? 0 : Math.max(0, Math.floor((Date.parse(newest) - againMs) / 1_000));
}

/** @param isOver asked now and then while nothing comes; null: the answer ends by itself */
async function read(
  connection: EngineConnection,
  id: string,
  request: LogsRequest,
  signal: AbortSignal,
  isOver: (() => Promise<boolean>) | null,
  handOn: (chunk: Buffer) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const giveUp = () => stop.abort(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  let heard = false;
  const timer =
    isOver === null
      ? null
      : setInterval(() => {
          if (heard) heard = false;
          else
            isOver().then(
              (over) => over && stop.abort(),
              () => undefined,
            );
        }, lookEveryMs);
  timer?.unref();
  try {
    // Podman sends the head of its answer only with the first output, and a container may be silent for ever.
    const stream = await connection.ask(
      'follow the output of a container',
      stop.signal,
      (docker, abortSignal) => openLogs(docker, id, request, abortSignal),
      request.follow ? null : undefined,
    );
    const close = () => stream.destroy();
    stop.signal.addEventListener('abort', close, { once: true });
    if (stop.signal.aborted) close();
    for await (const chunk of stream) {
      heard = true;
      await handOn(chunk as Buffer);
    }
  } catch (error) {
    // Ended by ourselves, since the container has: what is left is asked for once more.
    if (!stop.signal.aborted || signal.aborted) throw await said(connection, signal, error);
  } finally {
    if (timer !== null) clearInterval(timer);
    signal.removeEventListener('abort', giveUp);
    stop.abort();
  }
}

/** The error of the port for one of a stream. */
async function said(connection: EngineConnection, signal: AbortSignal, error: unknown): Promise<unknown> {
  return connection.ask('follow the output of a container', signal, () => Promise.reject(error)).catch((e) => e);
}

type Docker = Parameters<Parameters<EngineConnection['ask']>[2]>[0];

/**
 * Without `follow` dockerode would collect the whole answer in memory; its modem can be asked for the stream.
 */
function openLogs(docker: Docker, id: string, request: LogsRequest, abortSignal: AbortSignal): Promise<Readable> {
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        path: `/containers/${id}/logs?`,
        method: 'GET',
        options: request,
        isStream: true,
        abortSignal,
        statusCodes: {
          200: true,
          404: 'no such container',
          500: 'server error',
        },
      },
      (error: unknown, stream: unknown) => (error ? reject(error) : resolve(stream as Readable)),
    );
  });
}
