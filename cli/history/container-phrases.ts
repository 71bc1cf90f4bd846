import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';

type ContainerEvent = Extract<EventType, `container.${string}` | `engine.${string}` | `observation.${string}`>;

export const containerPhrases: Phrases<ContainerEvent> = {
  'container.startRequested': ({ name, engine, attempt }) =>
    `${name} is to start on ${engine}${attempt === 1 ? '' : `, attempt ${attempt}`}`,
  'container.started': (_data, subject) => `${subject} runs`,
  'container.adopted': ({ restarted }, subject) =>
    restarted ? `${subject} was restarted by hand and was taken over` : `${subject} runs already and was taken over`,
  'container.healthy': ({ transport, afterMs }, subject) =>
    `${subject} answers ${transport === 'web' ? 'as a web service' : `by ${transport}`} after ${afterMs} ms`,
  'container.unhealthy': ({ problem }, subject) => `${subject}: ${problem.message}`,
  'container.restartRequested': ({ reason }, subject) => `${subject} is to be ended and started again: ${reason}`,
  'container.paused': (_data, subject) => `${subject} was paused by hand and is to be resumed`,
  'container.resumed': (_data, subject) => `${subject} runs on`,
  'container.exited': ({ exitCode, signal, oomKilled, reason }, subject) => {
    if (oomKilled) return `${subject} ran out of memory`;
    if (reason === 'engineAway') return `${subject} ended while its engine was away`;
    if (reason === 'unhealthy') return `${subject} was ended because it was not well`;
    return signal === null ? `${subject} ended with exit code ${exitCode}` : `${subject} was ended by ${signal}`;
  },
  'container.startFailed': ({ problem }, subject) => `${subject}: ${problem.code}: ${problem.message}`,
  'container.restarted': ({ attempt }, subject) => `${subject} runs again, attempt ${attempt}`,
  'container.stopRequested': ({ reason }, subject) => `${subject} is to stop: ${reason}`,
  'container.drained': ({ afterMs, whole }, subject) =>
    whole
      ? `${subject} has nothing under way any more, after ${afterMs} ms`
      : `${subject} still has something under way after ${afterMs} ms and is stopped all the same`,
  'container.stopped': ({ exitCode }, subject) =>
    `${subject} stopped${exitCode === null ? '' : ` with exit code ${exitCode}`}`,
  'container.removed': (_data, subject) => `${subject} is gone`,
  'container.lost': ({ reason }, subject) => `${subject} vanished: ${reason}`,
  'engine.connected': ({ engine, version, endpoint }) => `${engine} ${version} answers at ${endpoint}`,
  'engine.disconnected': ({ engine, problem }) => `${engine} does not answer: ${problem.message}`,
  'observation.gap': ({ engine, since, until }) => `${engine} could not be watched from ${since} to ${until}`,
};
