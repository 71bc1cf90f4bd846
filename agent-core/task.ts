import { randomUUID } from 'node:crypto';
import { isTaskId } from './names.ts';

/** One call of a command, as it came over HTTP or through the queue. */
export interface Task {
  readonly id: string;
  readonly command: string;
  readonly params: readonly unknown[];
  /** null = the caller named none. */
  readonly runForUserId: string | null;
  readonly timeoutMs: number;
  readonly metadata: unknown;
}

const defaultTimeoutMs = 30_000;
/** What a timer of Node can wait. */
const longestTimeoutMs = 2_147_483_647;

/** The request cannot be read; the message says what is wrong with it. */
export class BadRequest extends Error {}

/**
 * Reads `{id?, command, params?, runForUserId?, timeoutMs?, metadata?}`. A single parameter need not be in a list.
 * @param fileId the id that a queue file's name gives; it counts more than what is inside
 * @throws BadRequest
 */
export function readTask(text: string, fileId?: string): Task {
  const raw = parseObject(text);
  const { command, params = [], runForUserId = null, timeoutMs = defaultTimeoutMs, metadata = {} } = raw;
  const id = fileId ?? raw.id ?? randomUUID();
  if (typeof id !== 'string' || !isTaskId(id)) {
    throw new BadRequest('"id" must be letters, digits, dot, dash and underscore, at most 200.');
  }
  if (typeof command !== 'string' || command === '') throw new BadRequest('"command" must be a string.');
  if (runForUserId !== null && (typeof runForUserId !== 'string' || runForUserId.includes('\0'))) {
    throw new BadRequest('"runForUserId" must be a string without NUL.');
  }
  if (!Number.isInteger(timeoutMs) || (timeoutMs as number) < 1 || (timeoutMs as number) > longestTimeoutMs) {
    throw new BadRequest('"timeoutMs" must be a whole number of milliseconds, at least 1.');
  }
  const list: readonly unknown[] = Array.isArray(params) ? params : params === null ? [] : [params];
  return { id, command, params: list, runForUserId, timeoutMs: timeoutMs as number, metadata };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequest('The task is no valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('The task must be a JSON object.');
  }
  return value as Record<string, unknown>;
}
