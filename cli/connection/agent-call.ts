import { durationMs } from '../../core/clock/duration.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parsePath } from '../../core/names/names.ts';
import type { Options } from '../command-spec.ts';
import { type Api, patientMs } from './api.ts';

export interface AgentCall {
  readonly path: string;
  readonly command: string;
  readonly params: readonly unknown[];
  /** Host name of the deployment where it is not the server's. */
  readonly host?: string;
  /** How long the call may take, waiting included; the server's setting where absent. */
  readonly timeoutMs?: number;
  readonly priority?: string;
  /** The same key and call run once. */
  readonly idempotencyKey?: string;
  /** URL that is told the outcome. */
  readonly callback?: string;
}

/** A call that was accepted and may go on for long. */
export interface AcceptedCall {
  readonly taskId: string;
  /** Address of the task on the server. */
  readonly url: string;
  /** ISO 8601, until then at least the outcome is kept; null = for ever. */
  readonly expires: string | null;
}

export interface BatchReply {
  readonly status: number;
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
  readonly taskId: string;
}

export interface AgentReply {
  readonly success: true;
  readonly data: unknown;
  readonly taskId?: string;
}

/** Calls a command and waits for its outcome. @throws PloinkyError, RemoteProblem */
export function callAgent(api: Api, call: AgentCall): Promise<AgentReply> {
  const { command, params } = call;
  return api.json<AgentReply>('POST', parsePath(call.path), { body: { command, params }, ...treatment(call) });
}

/** Calls a command and waits until the call is durable. @throws PloinkyError, RemoteProblem */
export function acceptCall(api: Api, call: AgentCall): Promise<AcceptedCall> {
  const { command, params } = call;
  const { headers, timeoutMs } = treatment(call);
  return api.json<AcceptedCall>('POST', parsePath(call.path), {
    body: { command, params },
    headers: { ...headers, prefer: 'respond-async' },
    timeoutMs,
  });
}

/**
 * Makes many calls at once: each line is what the body of a call would be. Answers are in the order of the lines.
 * @throws PloinkyError, RemoteProblem when they were not accepted
 */
export function callMany(api: Api, call: AgentCall, lines: string): Promise<readonly BatchReply[]> {
  return sendMany<BatchReply>(api, call, lines, {});
}

/** As `callMany`, and waits until all are durable. @throws PloinkyError, RemoteProblem when they were not accepted */
export function acceptMany(api: Api, call: AgentCall, lines: string): Promise<readonly AcceptedCall[]> {
  return sendMany<AcceptedCall>(api, call, lines, { prefer: 'respond-async' });
}

async function sendMany<Line>(
  api: Api,
  call: AgentCall,
  lines: string,
  wish: Readonly<Record<string, string>>,
): Promise<readonly Line[]> {
  const { headers, timeoutMs } = treatment(call);
  const path = parsePath(call.path);
  const address = `${path === '/' ? '' : path}/${encodeURIComponent(call.command)}`;
  const text = await api.text('POST', address, {
    rawBody: lines,
    headers: { ...headers, ...wish, 'content-type': 'application/x-ndjson' },
    timeoutMs,
  });
  const answers = text.split('\n').filter((line) => line !== '');
  return answers.map((line) => {
    try {
      return JSON.parse(line) as Line;
    } catch (cause) {
      throw new PloinkyError('SERVER_ANSWER_INVALID', 'The server sent a line that is no JSON.', { cause });
    }
  });
}

/** How a call is to be treated, beside what it calls. */
function treatment({ host, timeoutMs, priority, idempotencyKey, callback }: AgentCall) {
  const headers: Record<string, string> = {
    // A web service would take it for a request of its own.
    'x-ploinky-call': '1',
    ...(host === undefined ? {} : { host }),
    ...(timeoutMs === undefined ? {} : { 'x-task-timeout': String(timeoutMs) }),
    ...(priority === undefined ? {} : { 'x-task-priority': priority }),
    ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    ...(callback === undefined ? {} : { 'x-callback-url': callback }),
  };
  return { headers, timeoutMs: timeoutMs === undefined ? patientMs : timeoutMs + 10_000 };
}

/** `<path> <command> [params...]` and the options of every verb that calls. @throws PloinkyError USAGE */
export function agentCallFrom(args: readonly string[], options: Options): AgentCall {
  const [path = '', command = '', ...params] = args;
  const host = options.text('host');
  const timeout = options.text('timeout');
  return {
    path,
    command,
    params: options.flag('jsonParams') ? params.map(jsonParam) : params,
    ...(host === undefined ? {} : { host }),
    ...(timeout === undefined ? {} : { timeoutMs: milliseconds(timeout) }),
    ...given(options, 'priority'),
    ...given(options, 'idempotencyKey'),
    ...given(options, 'callback'),
  };
}

function jsonParam(text: string, index: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new PloinkyError('USAGE', `Parameter ${index + 1}, ${JSON.stringify(text)}, is no JSON value.`, {
      hint: `Text needs its own quotes: '"World"'. Leave --json-params away to send plain strings.`,
    });
  }
}

function given(options: Options, name: string): Readonly<Record<string, string>> {
  const value = options.text(name);
  return value === undefined ? {} : { [name]: value };
}

/** `500`, `500ms`, `5s`, `2m`. */
function milliseconds(text: string): number {
  const value = durationMs(text) ?? Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 86_400_000) {
    throw new PloinkyError(
      'USAGE',
      `--timeout takes milliseconds or a duration such as 5s, not ${JSON.stringify(text)}.`,
    );
  }
  return value;
}
