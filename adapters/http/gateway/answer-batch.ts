import { nanoid } from 'nanoid';
import { isPloinkyError, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { contextOf } from '../request-context.ts';
import { keptUntil, taskAddress } from '../task-address.ts';
import { type CallForm, readCall } from './call-form.ts';
import { callReply } from './call-reply.ts';
import { counted } from './counted.ts';
import type { CallTarget } from './destination.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { answerHeaders, type CallAnswer, type IncomingCall, taskCall } from './incoming-call.ts';
import { preferenceOf } from './prefer.ts';

const mediaType = 'application/x-ndjson';
/** Calls of one batch. */
const most = 1_000;

export function isBatch(contentType: string | undefined): boolean {
  return contentType?.startsWith(mediaType) === true;
}

/**
 * Many calls of one deployment, one a line. All are accepted, with one write to the log, or none; then each has its own
 * outcome, on its own line of the answer and in the order of the calls.
 */
export async function answerBatch(
  surroundings: GatewaySurroundings,
  target: CallTarget,
  incoming: IncomingCall,
): Promise<CallAnswer> {
  const { cloud, meters, now } = surroundings;
  const { headers } = incoming;
  const calls = formsOf(target, incoming.body ?? '').map((form) => taskCall(surroundings, target, incoming, form));
  const context = contextOf(headers, target.caller, nanoid());
  const accepted = await counted(meters, calls.length, () => cloud.acceptTasks(calls, context));
  const own = [...answerHeaders(context.trace, calls[0]?.timeoutMs ?? 0)];
  own[1] = `${mediaType}; charset=utf-8`;
  if (preferenceOf(headers.prefer).respondAsync) {
    const expires = keptUntil(now(), cloud.settings());
    const lines = accepted.map(({ taskId }) => {
      return JSON.stringify({ taskId, state: 'accepted', url: taskAddress(taskId), expires });
    });
    return { status: 202, headers: [...own, 'preference-applied', 'respond-async'], text: textOf(lines) };
  }
  const lines = await Promise.all(
    accepted.map(async ({ outcome }) => {
      const { status, text } = callReply(await outcome);
      return `{"status":${status},${text.slice(1)}`;
    }),
  );
  return { status: 200, headers: own, text: textOf(lines) };
}

/** Each line is what the body of a single call would be. */
function formsOf({ rest, query }: CallTarget, body: string): readonly CallForm[] {
  const lines = body.split('\n').map((line) => line.trim());
  const forms: CallForm[] = [];
  for (const [i, line] of lines.entries()) {
    if (line === '') continue;
    if (forms.length === most) {
      throw new PloinkyError('BATCH_TOO_LARGE', `A batch may hold ${most} calls; this one holds more.`);
    }
    try {
      forms.push(readCall({ rest, query, contentType: 'application/json', body: line }));
    } catch (error) {
      if (!isPloinkyError(error)) throw error;
      throw new PloinkyError(error.code, `Line ${i + 1}: ${error.message}`, { hint: error.hint });
    }
  }
  if (forms.length === 0) throw new PloinkyError('PAYLOAD_INVALID', 'The batch holds no calls.');
  return forms;
}

function textOf(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`;
}
