import { type Html, html } from './html.ts';

/** What nobody knows. */
const unknown = html`<span title="not known">–</span>`;

/** `2026-11-21 10:02:27` of an ISO 8601 time; pages show UTC. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')}</time>`;
}

/** `10:02:27`, for what comes soon. @param at ms since 1970 */
export function clock(at: number): Html {
  const iso = new Date(at).toISOString();
  return html`<time datetime="${iso}">${iso.slice(11, 19)}</time>`;
}

/** `512 B`, `1.4 MiB` */
export function size(bytes: number | null): Html {
  if (bytes === null) return unknown;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const unit = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  return html`${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)}&nbsp;${units[unit] ?? ''}`;
}

/** Of one core. */
export function percent(value: number | null): Html {
  return value === null ? unknown : html`${value.toFixed(1)}&nbsp;%`;
}

/** As it is wont to be shown of commits. */
export function shortCommit(commit: string | null): Html | null {
  return commit === null ? null : html`<code title="${commit}">${commit.slice(0, 10)}</code>`;
}

/** `1 container`, `3 containers` */
export function counted(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}
