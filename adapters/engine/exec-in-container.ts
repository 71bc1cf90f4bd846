import type { Readable } from 'node:stream';
import type { ContainerInspectInfo } from 'dockerode';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import type { ExecOptions, ExecOutcome } from './engine-port.ts';
import { LogFrames } from './log-frames.ts';
import { observedFromInspect } from './observed-container.ts';
import type { OwnedContainers } from './owned-containers.ts';
import { TextTail } from './text-tail.ts';

/** Of what the command says. */
const outputBytes = 4 * 1024;
/** Between the time of the command and the moment at which it is ended inside: an engine may be slow to tell of an end. */
const spareMs = 1_000;

/**
 * Engines cannot end what they began inside a container, and checks that hang would fill it. So a shell inside watches over
 * the shell with the command (`$1`) and ends it after `$2` seconds.
 */
const watched = [
  'sh -c "$1" </dev/null & p=$!',
  '( sleep "$2" & s=$!; trap \'kill "$s"\' TERM; wait "$s" && kill -9 "$p" ) </dev/null >/dev/null 2>&1 & w=$!',
  'wait "$p"; c=$?',
  'kill "$w" 2>/dev/null',
  'exit "$c"',
].join('\n');

/** @returns null when it is gone or does not run @throws PloinkyError as every question to the engine */
export async function execInContainer(
  connection: EngineConnection,
  owned: OwnedContainers,
  found: ContainerInspectInfo,
  command: string,
  options: ExecOptions,
): Promise<ExecOutcome | null> {
  if (observedFromInspect(found).status !== 'running') return null;
  try {
    return await exec(connection, found.Id, command, options);
  } catch (error) {
    if (!isPloinkyError(error, 'ENGINE_FAILED')) throw error;
    // Docker says 409 and Podman 500 when it ended meanwhile: looking is what tells on both.
    const now = await owned.inspect(found.Id, options.signal);
    if (now === null || observedFromInspect(now).status !== 'running') return null;
    throw error;
  }
}

async function exec(
  connection: EngineConnection,
  id: string,
  command: string,
  { timeoutMs, signal }: ExecOptions,
): Promise<ExecOutcome> {
  const seconds = String(Math.ceil((timeoutMs + spareMs) / 1000));
  const request = {
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Cmd: ['sh', '-c', watched, 'sh', command, seconds],
  };
  const ask = 'run a command in a container';
  const begun = await connection.ask(ask, signal, (docker, abortSignal) =>
    docker.getContainer(id).exec({ ...request, abortSignal }),
  );
  const stream = (await connection.ask(ask, signal, (_docker, abortSignal) =>
    begun.start({ Detach: false, Tty: false, abortSignal }),
  )) as unknown as Readable;
  const tail = new TextTail(outputBytes);
  const ended = await readToEnd(stream, tail, timeoutMs, signal);
  signal.throwIfAborted();
  if (!ended) return { exitCode: null, output: tail.text() };
  const answer = await connection.ask('ask how a command ended', signal, (_docker, abortSignal) =>
    begun.inspect({ abortSignal }),
  );
  return { exitCode: answer.ExitCode ?? null, output: tail.text() };
}

/** False when its time was up, or the caller gave up. */
function readToEnd(stream: Readable, tail: TextTail, ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const frames = new LogFrames();
    const finish = (ended: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      stream.destroy();
      resolve(ended);
    };
    const giveUp = () => finish(false);
    const timer = setTimeout(giveUp, ms);
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    stream.on('data', (chunk: Buffer) => tail.push(frames.push(chunk)));
    // An error is followed by close; listened to so that it does not end the process.
    stream.on('error', () => undefined);
    stream.on('end', () => finish(true)).on('close', () => finish(true));
  });
}
