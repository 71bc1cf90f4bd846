import { Agent, request } from 'undici';
import { PloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { callbackAttempts } from '../../decisions/reconcile-callbacks.ts';
import type { Callback } from '../../projections/callbacks.ts';
import { type FoundTask, taskView } from './found-task.ts';

/** An attempt is aborted after this. */
export const callbackDeadlineMs = 10_000;

/** Answers that come and go; any other refusal is final. */
const passing = new Set([408, 425, 429]);

/**
 * Posts the outcome of a call to the URL that its caller named, and says what came of it. Redirects are not followed: the
 * caller named this URL and no other.
 * @throws the reason of the signal when it was aborted for another reason than time
 */
export async function deliverCallback(
  { taskId, url, failed }: Callback,
  found: FoundTask | undefined,
  signal: AbortSignal,
): Promise<PloinkyDraft[]> {
  const attempt = failed + 1;
  const stream = `task:${taskId}`;
  const failure = (error: PloinkyError, final: boolean): PloinkyDraft[] => {
    const problem = problemOf(error);
    return [{ type: 'task.callbackFailed', stream, data: { taskId, attempt, problem, final } }];
  };
  if (!found) return failure(new PloinkyError('TASK_NOT_FOUND', 'The outcome was deleted before it was told.'), true);
  const last = attempt >= callbackAttempts;
  try {
    const status = await post(url, taskId, JSON.stringify(taskView(found)), signal);
    if (status >= 200 && status < 300) {
      return [{ type: 'task.callbackDelivered', stream, data: { taskId, attempt, status } }];
    }
    const again = status >= 500 || passing.has(status);
    return failure(new PloinkyError('CALLBACK_REFUSED', `The callback was answered with ${status}.`), last || !again);
  } catch (error) {
    if (signal.aborted && (signal.reason as { name?: unknown }).name !== 'TimeoutError') throw error;
    const { code } = error as { code?: unknown };
    const why = signal.aborted
      ? `it took over ${callbackDeadlineMs / 1_000} s`
      : String(code ?? 'the connection broke');
    return failure(new PloinkyError('CALLBACK_UNREACHABLE', `The callback could not be delivered: ${why}.`), last);
  }
}

async function post(url: string, taskId: string, body: string, signal: AbortSignal): Promise<number> {
  // Its own connection: receivers are many, and none of them may keep a server that stops waiting.
  const dispatcher = new Agent({ connect: { timeout: callbackDeadlineMs } });
  try {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'idempotency-key': taskId };
    const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher });
    await answer.body.dump();
    return answer.statusCode;
  } finally {
    await dispatcher.destroy();
  }
}
