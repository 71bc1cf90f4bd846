import type { Condition } from '../../../decisions/condition-of.ts';
import { clock, moment, percent, size } from './figures.ts';
import { type Html, html } from './html.ts';
import type { ShownContainer } from './place.ts';
import { table } from './table.ts';

/** Each container of a deployment: what it is for, how it does and why, and what it uses. */
export function containerTable(containers: readonly ShownContainer[]): Html {
  return table(
    'Containers',
    ['Container', 'Role', 'Condition', 'Since (UTC)', 'Restarts', 'CPU', 'Memory', 'Processes'],
    containers.map((shown) => {
      const { container, restarts, sample } = shown;
      return {
        key: container.name,
        cells: [
          html`<code>${container.name}</code>`,
          html`${roles[shown.role]}`,
          conditionOf(shown),
          moment(container.since),
          html`${restarts}`,
          percent(sample?.cpuPercent ?? null),
          html`${size(sample?.memoryBytes ?? null)}${limitOf(sample?.memoryLimitBytes ?? null)}`,
          html`${sample?.pids ?? '–'}`,
        ],
      };
    }),
  );
}

const roles = {
  serves: 'serves',
  warm: 'warm: steps in when another fails',
  draining: 'draining: gets nothing new, then stops',
  new: 'of a release that is being made',
  none: '–',
} as const;

function limitOf(bytes: number | null): Html | null {
  return bytes === null ? null : html` of ${size(bytes)}`;
}

function conditionOf({ container, condition, role }: ShownContainer): Html {
  const { reason, retryAt, output } = condition;
  // Why it is being stopped is said by its role.
  if (role === 'draining') return html`stopping`;
  if (container.status === 'stopped') return html`stopped, to be removed`;
  const again = retryAt === null ? null : html`, again at ${clock(retryAt)} UTC`;
  return html`${conditionBadge(condition)}${reason === null ? null : html` ${reason}`}${again}${lastOutput(output)}`;
}

/** What it wrote last, as text. */
export function lastOutput(output: string | null): Html | null {
  return output === null
    ? null
    : html`<details open><summary>Last output</summary><pre tabindex="0">${output}</pre></details>`;
}

/** A crash loop is no good news, in whichever part of it. */
export function conditionBadge({ state, crashLoop }: Pick<Condition, 'state' | 'crashLoop'>): Html {
  return crashLoop ? badge('down', 'crash loop') : badge(state, state);
}

/** A word with a colour; the word says it all. */
export function badge(state: string, word: string): Html {
  const kind = state === 'up' || state === 'active' ? 'good' : state === 'down' || state === 'failed' ? 'bad' : 'wait';
  return html`<span class="badge ${kind}">${word}</span>`;
}
