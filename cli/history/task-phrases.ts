import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';
import { shortValue } from './short-value.ts';

type TaskEvent = Extract<EventType, `task.${string}`>;

export const taskPhrases: Phrases<TaskEvent> = {
  'task.enqueued': ({ deployment, command, params }) => `${deployment} ${command} ${shortValue(params)}`,
  'task.completed': ({ deployment, command, durationMs, data }) =>
    `${deployment} ${command} → ${shortValue(data)} in ${rounded(durationMs)} ms`,
  'task.failed': ({ deployment, command, problem, outcome }) =>
    `${deployment} ${command} ${outcome === 'unknown' ? 'has an unknown outcome' : 'failed'}: ${problem.code}: ${problem.message}`,
  'task.timedOut': ({ deployment, command, timeoutMs }) => `${deployment} ${command} gave no answer in ${timeoutMs} ms`,
  'task.cancelled': ({ deployment, command, reason }) =>
    `${deployment} ${command} was taken back${reason === null ? '' : `: ${reason}`}`,
};

function rounded(ms: number): number {
  return ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms);
}
