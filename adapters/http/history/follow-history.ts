import { Bell } from '../../../core/clock/bell.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { CloudPort } from '../cloud-port.ts';
import { type EventFilter, matcher } from './event-filter.ts';

/** Given every so often when nothing happened, so that both ends notice a dead connection. */
export const heartbeat = Symbol('heartbeat');
const heartbeatMs = 15_000;

/**
 * What comes after `after`, as it becomes durable, until the signal aborts. Events are read from the log at the
 * pace of the consumer; a slow one costs no memory.
 */
export async function* followHistory(
  cloud: Pick<CloudPort, 'read' | 'subscribe' | 'head'>,
  { after, filter, signal }: { after: number; filter: EventFilter; signal: AbortSignal },
): AsyncGenerator<EventEnvelope | typeof heartbeat> {
  const matches = matcher(filter, cloud);
  const bell = new Bell(signal);
  const subscription = cloud.subscribe({}, () => bell.ring());
  try {
    let next = after + 1;
    while (!signal.aborted) {
      const head = cloud.head().seq;
      if (head < next) {
        if (!(await bell.wait(heartbeatMs)) && !signal.aborted) yield heartbeat;
        continue;
      }
      for await (const event of cloud.read({ from: next, to: head })) {
        next = event.seq + 1;
        if (signal.aborted) return;
        if (await matches(event)) yield event;
      }
      next = Math.max(next, head + 1);
    }
  } finally {
    subscription.close();
    bell.close();
  }
}
