import type { NewEvent } from '../core/events/envelope.ts';

let made = 0;

/** An event of no type in the catalogue, for what does not care. */
export function newEvent(stream = 'a', data: unknown = {}, type = 'test.happened'): NewEvent {
  made += 1;
  const time = '2026-01-01T00:00:00.000Z';
  return { id: `id${made}`, time, type, v: 1, stream, data, actor: 'test', cause: null, trace: 't' };
}
