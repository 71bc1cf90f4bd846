import type { RequestContext, TaskCall } from '../cloud-port.ts';
import { keptUntil, taskAddress } from '../task-address.ts';
import { doneWithin } from '../within.ts';
import { callReply } from './call-reply.ts';
import { counted } from './counted.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { answerHeaders, type CallAnswer } from './incoming-call.ts';
import type { Preference } from './prefer.ts';

/**
 * Answers once the call is durable: 202, and where its outcome will be. With `wait` the outcome itself, if it is there by
 * then.
 */
export async function answerAsync(
  { cloud, meters, closing, now }: GatewaySurroundings,
  call: TaskCall,
  context: RequestContext,
  { waitMs }: Preference,
): Promise<CallAnswer> {
  const [accepted] = await counted(meters, 1, () => cloud.acceptTasks([call], context));
  if (!accepted) throw new Error('nothing was accepted');
  const { taskId, outcome } = accepted;
  const headers = answerHeaders(context.trace, call.timeoutMs);
  if (waitMs !== null) {
    await doneWithin(outcome, waitMs, closing);
    const reply = await Promise.race([outcome, null]);
    if (reply) return { ...callReply(reply), headers };
  }
  const url = taskAddress(taskId);
  const expires = keptUntil(now(), cloud.settings());
  return {
    status: 202,
    headers: [...headers, 'location', url, 'preference-applied', 'respond-async'],
    text: JSON.stringify({ taskId, state: 'accepted', url, expires }),
  };
}
