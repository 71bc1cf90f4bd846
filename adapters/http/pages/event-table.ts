import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { moment } from './figures.ts';
import { type Html, html } from './html.ts';
import { table } from './table.ts';

/** @param events newest first */
export function eventTable(events: readonly EventEnvelope[]): Html {
  if (events.length === 0) return html`<h2>Last events</h2><p>None lately.</p>`;
  return table(
    'Last events',
    ['Seq', 'Time (UTC)', 'What', 'Of', 'By'],
    events.map(({ seq, time, type, stream, actor }) => ({
      key: String(seq),
      cells: [html`${seq}`, moment(time), html`${type}`, html`${stream}`, html`${actor}`],
    })),
  );
}
