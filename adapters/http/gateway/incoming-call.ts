import type { IncomingHttpHeaders } from 'node:http';
import { isoTime } from '../../../core/clock/clock.ts';
import type { TaskCall } from '../cloud-port.ts';
import type { CallForm } from './call-form.ts';
import { wishesOf } from './call-wishes.ts';
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
const withheld: readonly string[] = ['cookie', 'authorization', 'x-api-key', 'x-init-token', 'proxy-authorization'];

/** @throws PloinkyError INVALID_REQUEST for a header that cannot be read */
export function taskCall(
  { cloud, now }: GatewaySurroundings,
  { deployment, caller }: CallTarget,
  { method, url, headers }: IncomingCall,
  { command, params }: CallForm,
): TaskCall {
  const { priority, callback } = wishesOf(headers);
  return {
    deployment: deployment.id,
    command,
    params,
    runForUserId: caller?.userId ?? 'InternetUser',
    timeoutMs: taskTimeout(headers['x-task-timeout'], cloud.settings()),
    metadata: { method, url, headers: passedHeaders(headers), timestamp: isoTime(now()) },
    priority,
    callback,
  };
}

export function answerHeaders(trace: string, timeoutMs: number): readonly string[] {
  return ['content-type', 'application/json; charset=utf-8', 'x-trace-id', trace, 'x-task-timeout', String(timeoutMs)];
}

/** The headers themselves where nothing is withheld, as of nearly every call. */
function passedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, unknown>> {
  for (const name of withheld) if (headers[name] !== undefined) return withoutProofs(headers);
  return headers;
}

function withoutProofs(headers: IncomingHttpHeaders): Record<string, unknown> {
  const passed: Record<string, unknown> = {};
  for (const name in headers) if (!withheld.includes(name)) passed[name] = headers[name];
  return passed;
}
