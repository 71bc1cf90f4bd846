import type { IncomingHttpHeaders } from 'node:http';
import { nanoid } from 'nanoid';
import { isoTime } from '../../../core/clock/clock.ts';
import type { TaskReply } from '../cloud-port.ts';
import { contextOf } from '../request-context.ts';
import { outcomeOf } from '../traffic/call-meters.ts';
import { readCall } from './call-form.ts';
import { callReply } from './call-reply.ts';
import type { CallTarget } from './destination.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { taskTimeout } from './task-timeout.ts';

/** A request to an agent, whole. */
export interface IncomingCall {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** null when there was none. */
  readonly body: string | null;
}

export interface CallAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly text: string;
}

/** Proofs and whom they belong to are nobody's business inside an agent. */
const withheld = new Set(['cookie', 'authorization', 'x-api-key', 'x-init-token', 'proxy-authorization']);

/** Calls the agent and answers with its outcome. A client that goes away does not end the call. */
export async function answerCall(
  { cloud, meters, now }: GatewaySurroundings,
  { deployment, rest, query, caller }: CallTarget,
  { method, url, headers, body }: IncomingCall,
): Promise<CallAnswer> {
  const { command, params } = readCall({ rest, query, contentType: headers['content-type'], body });
  const timeoutMs = taskTimeout(headers['x-task-timeout'], cloud.settings());
  const trace = nanoid();
  const context = contextOf(headers, caller, trace);
  const began = performance.now();
  meters.begun();
  let outcome: TaskReply;
  try {
    outcome = await cloud.callTask(
      {
        deployment: deployment.id,
        command,
        params,
        runForUserId: caller?.userId ?? 'InternetUser',
        timeoutMs,
        metadata: {
          method,
          url,
          headers: passedHeaders(headers),
          timestamp: isoTime(now()),
        },
      },
      context,
    );
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

function answerHeaders(trace: string, timeoutMs: number): readonly string[] {
  return ['content-type', 'application/json; charset=utf-8', 'x-trace-id', trace, 'x-task-timeout', String(timeoutMs)];
}

/** More time was asked for than anybody may have. */
function cut(outcome: Extract<TaskReply, { success: false }>, asked: number, most: number): TaskReply {
  const { error } = outcome;
  const message = `${error.message} ${asked} ms were asked for; the setting maxTaskTimeout allows ${most}.`;
  const hint = 'Raise it: `p-cli cloud settings set maxTaskTimeout <ms>`.';
  return { ...outcome, error: { ...error, message, hint } };
}

function passedHeaders(headers: IncomingHttpHeaders): Record<string, unknown> {
  const passed: Record<string, unknown> = {};
  for (const name in headers) if (!withheld.has(name)) passed[name] = headers[name];
  return passed;
}
