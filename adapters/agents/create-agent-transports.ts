import { QueueTransport } from '../queue/queue-transport.ts';
import { HttpTransport } from './http-transport.ts';

/** Both ways to reach agents, by kind. The caller closes them. */
export function createAgentTransports(): { readonly http: HttpTransport; readonly queue: QueueTransport } {
  return { http: new HttpTransport(), queue: new QueueTransport() };
}
