import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { TaskLookup, TaskOutcome } from './agent-port.ts';

/**
 * AgentCore's reply as an outcome. What answers may be any program that the manifest starts, so nothing is taken for
 * granted.
 * @throws PloinkyError AGENT_BAD_ANSWER · TASK_OUTCOME_UNKNOWN when the agent itself says so
 */
export function readOutcome(value: unknown): TaskOutcome {
  if (!isObject(value) || typeof value.success !== 'boolean') throw badAnswer('it has no "success"');
  if (value.success) return { success: true, data: value.data ?? null };
  return { success: false, error: readProblem(value.error) };
}

/** @throws PloinkyError AGENT_BAD_ANSWER · TASK_OUTCOME_UNKNOWN */
export function readProblem(value: unknown): Extract<TaskOutcome, { success: false }>['error'] {
  if (!isObject(value) || typeof value.code !== 'string' || typeof value.message !== 'string') {
    throw badAnswer('its error has no code and message');
  }
  const { code, message, details = null } = value;
  if (code === 'TASK_OUTCOME_UNKNOWN') throw new PloinkyError('TASK_OUTCOME_UNKNOWN', message, { details });
  return { code, message, details };
}

/** @throws PloinkyError AGENT_BAD_ANSWER · TASK_OUTCOME_UNKNOWN */
export function readLookup(value: unknown): TaskLookup {
  if (!isObject(value)) throw badAnswer('it is no object');
  const bootId = typeof value.bootId === 'string' ? value.bootId : null;
  if (value.state === 'running') return { state: 'running' };
  if (value.state === 'ended') return { state: 'ended', outcome: readOutcome(value.outcome) };
  if (value.state === 'neverSeen' && bootId !== null) return { state: 'neverSeen', bootId };
  if (value.state === 'neverSeen' || value.state === 'unknown') return { state: 'unknown', bootId };
  throw badAnswer('it has no known "state"');
}

/** @throws PloinkyError AGENT_BAD_ANSWER */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badAnswer('it is no JSON');
  }
}

export function badAnswer(why: string): PloinkyError {
  return new PloinkyError('AGENT_BAD_ANSWER', `The agent answered something that is no AgentCore reply: ${why}.`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
