import type { EventType } from '../../core/events/catalogue.ts';
import type { Phrases } from './phrases.ts';

type RequestEvent = Extract<EventType, `request.${string}`>;

export const requestPhrases: Phrases<RequestEvent> = {
  'request.passed': ({ deployment, method, path, status, durationMs, responseBytes }) =>
    `${deployment} answered ${method} ${path} with ${status} in ${Math.round(durationMs)} ms, ${responseBytes} bytes`,
};
