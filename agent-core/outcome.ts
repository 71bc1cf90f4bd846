/** What became of a task. Kept as text, because it is sent, stored and remembered but never read again here. */
export interface Outcome {
  readonly success: boolean;
  /** JSON of the data, or of `{code, message, details}`. */
  readonly body: string;
}

export type FailureCode =
  | 'COMMAND_NOT_FOUND'
  | 'HANDLER_FAILED'
  | 'PAYLOAD_INVALID'
  | 'TASK_TIMEOUT'
  | 'TASK_CANCELLED'
  | 'TASK_OUTCOME_UNKNOWN'
  | 'AGENT_STOPPING';

/** Codes about the way of a task. A handler that uses one of them would be misunderstood. */
const codesOfOurs = new Set(['TASK_TIMEOUT', 'TASK_CANCELLED', 'TASK_OUTCOME_UNKNOWN', 'TASK_NOT_STARTED']);
const codeOfHandler = /^[A-Z][A-Z0-9_]{1,63}$/;
/** Nothing larger is handed over: the server that waits would have to hold it in memory. */
const longestBody = 32 * 1024 * 1024;

export function succeeded(command: string, data: unknown): Outcome {
  if (data === undefined) return { success: true, body: 'null' };
  let body: string | undefined;
  try {
    body = JSON.stringify(data);
  } catch (error) {
    return failed('HANDLER_FAILED', `${command} returned what JSON cannot hold: ${firstLine(error)}`);
  }
  if (body === undefined) return failed('HANDLER_FAILED', `${command} returned a ${typeof data}, not data.`);
  return fitting(command, { success: true, body });
}

/** Text that is JSON already. */
export function succeededWith(command: string, json: string): Outcome {
  return fitting(command, { success: true, body: json });
}

export function failed(code: FailureCode, message: string, details: unknown = null): Outcome {
  return { success: false, body: JSON.stringify({ code, message, details }) };
}

/**
 * A thrown value. An error with a `code` in capitals of its own (`OUT_OF_STOCK`) and `details` keeps them; codes of
 * Node and of the system are told in the details, since they say how and not what.
 */
export function threw(command: string, error: unknown, debug: boolean): Outcome {
  const { code, details, syscall, message, stack } = partsOf(error);
  const own = code !== null && codeOfHandler.test(code) && !codesOfOurs.has(code) && !isSystemCode(code, syscall);
  const told = own || code === null ? details : { code };
  const traced = debug && stack ? { stack, details: told } : told;
  const text = message === '' ? `${command} threw an error without a message.` : message;
  const problem = { code: own ? code : 'HANDLER_FAILED', message: text, details: traced ?? null };
  try {
    return fitting(command, { success: false, body: JSON.stringify(problem) });
  } catch {
    return failed('HANDLER_FAILED', text);
  }
}

function fitting(command: string, outcome: Outcome): Outcome {
  if (outcome.body.length <= longestBody) return outcome;
  return failed('HANDLER_FAILED', `${command} answered ${outcome.body.length} characters; ${longestBody} are allowed.`);
}

function isSystemCode(code: string, syscall: boolean): boolean {
  return syscall || code.startsWith('ERR_') || code.startsWith('UND_ERR');
}

interface ThrownParts {
  readonly code: string | null;
  readonly message: string;
  readonly stack: string;
  readonly details: unknown;
  readonly syscall: boolean;
}

/** Whatever was thrown may have getters that throw again. */
function partsOf(error: unknown): ThrownParts {
  const none = { code: null, stack: '', details: null, syscall: false };
  try {
    if (typeof error !== 'object' || error === null) return { ...none, message: String(error) };
    const thrown = error as Record<string, unknown>;
    const message = typeof thrown.message === 'string' ? thrown.message : firstLine(JSON.stringify(error));
    return {
      code: typeof thrown.code === 'string' ? thrown.code : null,
      message,
      stack: typeof thrown.stack === 'string' ? thrown.stack : '',
      details: thrown.details ?? null,
      syscall: 'syscall' in thrown || 'errno' in thrown,
    };
  } catch {
    return { ...none, message: 'an error that cannot be read' };
  }
}

/** For messages: short, and never throws. */
export function firstLine(error: unknown): string {
  try {
    const text = error instanceof Error ? error.message : String(error);
    return text.split('\n', 1)[0]?.slice(0, 500) ?? '';
  } catch {
    return 'an error that cannot be read';
  }
}
