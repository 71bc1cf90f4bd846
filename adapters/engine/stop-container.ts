import type { ContainerInspectInfo } from 'dockerode';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { type EngineConnection, requestMs } from './engine-connection.ts';
import { isRefusal } from './engine-failure.ts';
import { observedFromInspect } from './observed-container.ts';
import { type OwnedContainers, refusedWith } from './owned-containers.ts';
import { resumeContainer } from './resume-container.ts';

/**
 * SIGTERM, `graceMs`, SIGKILL, done here and not with the engine's own stop: that one knows whole seconds only, and
 * sends whatever signal the image names.
 * @returns exit code; null when it never ran or is gone
 */
export async function stopContainer(
  connection: EngineConnection,
  owned: OwnedContainers,
  found: ContainerInspectInfo,
  options: { graceMs: number; signal: AbortSignal },
): Promise<number | null> {
  const { graceMs, signal } = options;
  const before = observedFromInspect(found);
  if (before.status === 'exited') return before.exitCode;
  // One that is held still takes no signal.
  if (before.status === 'paused') await resumeContainer(connection, found.Id, signal);
  if (graceMs > 0) {
    await sendSignal(connection, found.Id, 'SIGTERM', signal);
    try {
      return await endOf(connection, found.Id, signal, graceMs);
    } catch (error) {
      if (!isPloinkyError(error, 'ENGINE_TIMEOUT') || signal.aborted) throw error;
    }
  }
  await sendSignal(connection, found.Id, 'SIGKILL', signal);
  const exitCode = await endOf(connection, found.Id, signal, requestMs);
  if (exitCode !== null) return exitCode;
  const after = await owned.inspect(found.Id, signal);
  return after === null ? null : observedFromInspect(after).exitCode;
}

/** Exit code when it has ended, null when it is gone. @throws PloinkyError ENGINE_TIMEOUT while it still runs */
export async function endOf(
  connection: EngineConnection,
  id: string,
  signal: AbortSignal,
  ms: number | null,
): Promise<number | null> {
  try {
    const answer: { StatusCode?: number } = await connection.ask(
      'wait for the end of a container',
      signal,
      (docker, abortSignal) => docker.getContainer(id).wait({ abortSignal }),
      ms,
    );
    return answer.StatusCode ?? null;
  } catch (error) {
    if (refusedWith(error, 404)) return null;
    throw error;
  }
}

/** A refusal means that it is not running any more, which the wait after this finds out. */
async function sendSignal(connection: EngineConnection, id: string, name: string, signal: AbortSignal): Promise<void> {
  try {
    await connection.ask('send a signal to a container', signal, (docker, abortSignal) =>
      docker.getContainer(id).kill({ signal: name, abortSignal }),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}
