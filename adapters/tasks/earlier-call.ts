import { isDeepStrictEqual } from 'node:util';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { DataOf } from '../../core/events/catalogue.ts';
import type { TaskCall } from '../http/cloud-port.ts';
import type { TaskStore } from './task-store.ts';

/**
 * An Idempotency-Key came before: with the same call, whose outcome counts, or by mistake with another.
 * @throws PloinkyError IDEMPOTENCY_KEY_REUSED
 */
export async function mustBeSame(
  store: Pick<TaskStore, 'paramsOf'>,
  call: TaskCall,
  then: DataOf<'task.enqueued'>,
): Promise<void> {
  const { deployment, command, runForUserId } = call;
  const same = then.deployment === deployment && then.command === command && then.runForUserId === runForUserId;
  if (!same || !isDeepStrictEqual(await store.paramsOf(then), asStored(call.params))) throw keyReused();
}

export function keyReused(): PloinkyError {
  return new PloinkyError('IDEMPOTENCY_KEY_REUSED', 'The Idempotency-Key was used for another request before.');
}

/** As the log gives it back: `-0`, for example, comes back as `0`. */
function asStored(params: readonly unknown[]): unknown {
  return JSON.parse(JSON.stringify(params));
}
