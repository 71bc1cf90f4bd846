import type { FastifyReply, FastifyRequest } from 'fastify';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { Proof } from '../auth/identify.ts';
import type { TaskReply } from '../cloud-port.ts';
import { contextOf } from '../request-context.ts';
import type { Surroundings } from '../surroundings.ts';
import { outcomeOf } from '../traffic/call-meters.ts';
import { readCall } from './call-form.ts';
import { callReply } from './call-reply.ts';
import { taskTimeout } from './task-timeout.ts';

/** Where a request leads, decided before its body is read. */
export interface CallTarget {
  readonly deployment: Deployment;
  readonly rest: readonly string[];
  readonly query: string;
  readonly caller: Proof | null;
}

/** Proofs and whom they belong to are nobody's business inside an agent. */
const withheld = new Set(['cookie', 'authorization', 'x-api-key', 'x-init-token', 'proxy-authorization']);

/** Calls the agent and answers with its outcome. A client that goes away does not end the call. */
export async function answerCall(
  { cloud, meters, now }: Surroundings,
  { deployment, rest, query, caller }: CallTarget,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { headers } = request;
  const body = bodyText(request.body);
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
          method: request.method,
          url: request.raw.url ?? '/',
          headers: passedHeaders(headers),
          timestamp: new Date(now()).toISOString(),
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
  const { status, text } = callReply(outcome);
  reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .header('x-trace-id', trace)
    .header('x-task-timeout', timeoutMs);
  return reply.send(text);
}

/** More time was asked for than anybody may have. */
function cut(outcome: Extract<TaskReply, { success: false }>, asked: number, most: number): TaskReply {
  const { error } = outcome;
  const message = `${error.message} ${asked} ms were asked for; the setting maxTaskTimeout allows ${most}.`;
  const hint = 'Raise it: `p-cli cloud settings set maxTaskTimeout <ms>`.';
  return { ...outcome, error: { ...error, message, hint } };
}

function bodyText(body: unknown): string | null {
  return typeof body === 'string' ? body : null;
}

function passedHeaders(headers: FastifyRequest['headers']): Record<string, unknown> {
  const passed: Record<string, unknown> = {};
  for (const name in headers) if (!withheld.has(name)) passed[name] = headers[name];
  return passed;
}

/** @throws PloinkyError UNSUPPORTED_MEDIA_TYPE for bytes that are no text */
export function textOf(bytes: Buffer, isText: (bytes: Buffer) => boolean): string {
  if (!isText(bytes)) throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'The body is not UTF-8 text.');
  return bytes.toString('utf8');
}
