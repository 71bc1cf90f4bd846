import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';
import { shortValue } from './short-value.ts';

type TaskEvent = Extract<EventType, `task.${string}`>;

export const taskPhrases: Phrases<TaskEvent> = {
  'task.enqueued': ({ deployment, command, params }) => `${deployment} ${command} ${shortValue(params)}`,
  'task.assigned': ({ container }) => `it is handed to ${container}`,
  'task.completed': ({ deployment, command, durationMs, data }) =>
    `${deployment} ${command} → ${shortValue(data)} in ${rounded(durationMs)} ms`,
  'task.failed': ({ deployment, command, problem, outcome }) =>
    `${deployment} ${command} ${outcome === 'unknown' ? 'has an unknown outcome' : 'failed'}: ${problem.code}: ${problem.message}`,
  'task.timedOut': ({ deployment, command, timeoutMs, started }) =>
    `${deployment} ${command} ${started === false ? 'did not get its turn' : 'gave no answer'} in ${timeoutMs} ms`,
  'task.cancelled': ({ deployment, command, reason }) =>
    `${deployment} ${command} was taken back${reason === null ? '' : `: ${reason}`}`,
  'task.callbackDue': ({ url }) => `the outcome is to be told to ${url}`,
  'task.callbackDelivered': ({ status, attempt }) => `the callback was taken with ${status} at attempt ${attempt}`,
  'task.callbackFailed': ({ problem, attempt, final }) =>
    `attempt ${attempt} of the callback failed${final ? ', the last' : ''}: ${problem.message}`,
};

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}
