import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Container } from '../../projections/containers.ts';
import type { World } from '../pipeline/world.ts';
import type { Flight } from './flight.ts';
import type { TaskStore } from './task-store.ts';

/** Of a log that may be written again later. */
const passing: ReadonlySet<string> = new Set(['DISK_FULL', 'LOG_WRITE_FAILED']);
const restMs = 1_000;

/**
 * Makes durable which container gets a call. A log that cannot be written now is tried again: the call was accepted. Whether
 * it took the event nobody knows then, so that it comes again under the same key and with the same container.
 */
export async function storeTurn(
  store: Pick<TaskStore, 'append'>,
  flight: Flight,
  { release, name, bootId }: Container,
  logger: World['logger'],
): Promise<void> {
  const { taskId, origin, refusals } = flight;
  const data = { taskId, release, container: name, bootId };
  const draft: PloinkyDraft = { type: 'task.assigned', stream: `task:${taskId}`, data };
  const assigning = { actor: 'system:tasks', cause: flight.cause, trace: origin.trace };
  const options = { idempotencyKey: assignedKey(taskId, refusals) };
  for (;;) {
    try {
      const [assigned] = await store.append([draft], assigning, options);
      flight.cause = assigned?.id ?? flight.cause;
      return;
    } catch (error) {
      if (!isPloinkyError(error) || !passing.has(error.code) || flight.takenBack) throw error;
      logger.warn({ err: error, task: taskId }, 'the turn of a call cannot be stored now');
      await pause(restMs);
    }
  }
}

/** No header can hold a line feed, so that no Idempotency-Key of a caller is the same. */
function assignedKey(taskId: string, refusals: number): string {
  return refusals === 0 ? `task.assigned\n${taskId}` : `task.assigned\n${taskId}\n${refusals}`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
