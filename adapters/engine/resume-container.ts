import type { EngineConnection } from './engine-connection.ts';
import { isRefusal } from './engine-failure.ts';

/** A refusal means that it is not paused any more, or gone: looking is what tells. */
export async function resumeContainer(connection: EngineConnection, id: string, signal: AbortSignal): Promise<void> {
  try {
    await connection.ask('resume a container', signal, (docker, abortSignal) =>
      docker.getContainer(id).unpause({ abortSignal }),
    );
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
}
