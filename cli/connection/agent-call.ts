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
  /** How long the agent may take; the server's setting where absent. */
  readonly timeoutMs?: number;
}

export interface AgentReply {
  readonly success: true;
  readonly data: unknown;
  readonly taskId?: string;
}

/** Calls a command and waits for its outcome. @throws PloinkyError, RemoteProblem */
export function callAgent(api: Api, call: AgentCall): Promise<AgentReply> {
  const { command, params, host, timeoutMs } = call;
  return api.json<AgentReply>('POST', parsePath(call.path), {
    body: { command, params },
    headers: {
      // A web service would take it for a request of its own.
      'x-ploinky-call': '1',
      ...(host === undefined ? {} : { host }),
      ...(timeoutMs === undefined ? {} : { 'x-task-timeout': String(timeoutMs) }),
    },
    timeoutMs: timeoutMs === undefined ? patientMs : timeoutMs + 10_000,
  });
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

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 86_400_000) {
    throw new PloinkyError('USAGE', `--timeout takes milliseconds, not ${JSON.stringify(text)}.`);
  }
  return value;
}
