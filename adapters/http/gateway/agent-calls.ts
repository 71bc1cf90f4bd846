import { randomId } from '../../../core/clock/random-id.ts';
import type { TaskReply } from '../cloud-port.ts';
import { contextOf } from '../request-context.ts';
import { outcomeOf } from '../traffic/call-outcome.ts';
import { answerAsync } from './answer-async.ts';
import { answerBatch, isBatch } from './answer-batch.ts';
import { readCall } from './call-form.ts';
import { callReply } from './call-reply.ts';
import type { CallTarget } from './destination.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { answerHeaders, type CallAnswer, type IncomingCall, taskCall } from './incoming-call.ts';
import { preferenceOf } from './prefer.ts';

/** Calls the agent and answers with its outcome. A client that goes away does not end the call. */
export async function answerCall(
  surroundings: GatewaySurroundings,
  target: CallTarget,
  incoming: IncomingCall,
): Promise<CallAnswer> {
  const { headers } = incoming;
  const { cloud, meters } = surroundings;
  if (isBatch(headers['content-type'])) return answerBatch(surroundings, target, incoming);
  const { rest, query, caller } = target;
  const form = readCall({ rest, query, contentType: headers['content-type'], body: incoming.body });
  const call = taskCall(surroundings, target, incoming, form);
  const { timeoutMs } = call;
  const trace = randomId();
  const context = contextOf(headers, caller, trace);
  const preference = preferenceOf(headers.prefer);
  if (preference.respondAsync) return answerAsync(surroundings, call, context, preference);
  const began = performance.now();
  meters.begun();
  let outcome: TaskReply;
  try {
    outcome = await cloud.callTask(call, context);
  } catch (error) {
    meters.ended('refused', performance.now() - began);
    throw error;
  }
  const asked = Number(headers['x-task-timeout'] ?? timeoutMs);
  if (!outcome.success && outcome.error.code === 'TASK_TIMEOUT' && asked > timeoutMs)
    outcome = cut(outcome, asked, timeoutMs);
  meters.ended(outcomeOf(outcome.success ? null : outcome.error.code), performance.now() - began);
  return { ...callReply(outcome), headers: answerHeaders(trace, timeoutMs) };
}

/** More time was asked for than anybody may have. */
function cut(outcome: Extract<TaskReply, { success: false }>, asked: number, most: number): TaskReply {
  const { error } = outcome;
  const message = `${error.message} ${asked} ms were asked for; the setting maxTaskTimeout allows ${most}.`;
  const hint = 'Raise it: `p-cli cloud settings set maxTaskTimeout <ms>`.';
  return { ...outcome, error: { ...error, message, hint } };
}
