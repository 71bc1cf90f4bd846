import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { ListedVolume } from '../../../decisions/list-volumes.ts';
import type { EngineState } from '../../../projections/engines.ts';
import type { Network } from '../../../projections/networks.ts';
import { badge, conditionBadge } from './container-table.ts';
import { eventTable } from './event-table.ts';
import { moment, percent, shortCommit, size } from './figures.ts';
import { type Html, html } from './html.ts';
import { linkTo } from './links.ts';
import type { Place, ShownContainer } from './place.ts';
import { table } from './table.ts';
import { watchWords } from './watch-text.ts';

export interface Overview {
  readonly version: string;
  readonly uptimeMs: number;
  readonly headSeq: number;
  /** What needs attention. */
  readonly troubles: Html;
  /** Null, as the other lists: nobody can tell, since the projection stopped. */
  readonly places: readonly Place[] | null;
  readonly engines: readonly EngineState[] | null;
  readonly volumes: readonly ListedVolume[] | null;
  readonly networks: readonly Network[] | null;
  /** Newest first. */
  readonly events: readonly EventEnvelope[];
}

export function overviewPage(overview: Overview): Html {
  const { version, uptimeMs, headSeq, places, engines, volumes, networks, events } = overview;
  const up = places?.filter(({ answer }) => answer.condition?.state === 'up').length;
  return html`<dl><div><dt>Serving</dt><dd>${places === null ? 'not known' : `${up} of ${places.length}`}</dd></div>
<div><dt>Last event</dt><dd>${headSeq}</dd></div>
<div><dt>Up</dt><dd>${duration(uptimeMs)}</dd></div>
<div><dt>Version</dt><dd>${version}</dd></div></dl>
${overview.troubles}
${places === null ? notKnown('Deployments') : placeTable(places)}
${engines === null ? notKnown('Engines') : engineTable(engines)}
${volumes === null ? notKnown('Volumes') : volumeTable(volumes)}
${networks === null ? notKnown('Networks') : networkTable(networks)}
${eventTable(events)}`;
}

function notKnown(title: string): Html {
  return html`<h2>${title}</h2><p class="problem">Not known, since a projection stopped.</p>`;
}

function placeTable(places: readonly Place[]): Html {
  if (places.length === 0) {
    return html`<h2>Deployments</h2><p>None yet. <code>p-cli cloud deploy localhost /demo demo</code> makes one.</p>`;
  }
  return table(
    'Deployments',
    ['Where', 'Agent', 'Status', 'Release', 'Source', 'Pushes', 'Containers', 'CPU', 'Memory'],
    places.map((place) => {
      const { id, answer, containers } = place;
      const runs = answer.serves === 'files' ? 'files' : (answer.engine ?? '');
      return {
        key: id,
        cells: [
          linkTo(id),
          html`${answer.agent} <small>${runs}</small>`,
          statusOf(place),
          html`${answer.release}`,
          html`${answer.tag ?? answer.branch ?? ''} ${shortCommit(answer.commit)}`,
          html`${watchWords(place)}`,
          html`${containerWords(place)}`,
          percent(sumOf(containers, 'cpuPercent')),
          size(sumOf(containers, 'memoryBytes')),
        ],
      };
    }),
  );
}

/** `active` only where it answers. */
export function statusOf({ answer, making: n }: Place): Html {
  const { status, condition, failedRelease } = answer;
  const making = n === null ? null : html` <small>release ${n} is being made</small>`;
  const failed =
    failedRelease === null || status === 'failed' ? null : html` ${badge('failed', `${failedRelease} failed`)}`;
  if (status !== 'active' || !condition || condition.state === 'up')
    return html`${badge(status, status)}${making}${failed}`;
  return html`${conditionBadge(condition)}${making}${failed}`;
}

function containerWords({ answer, containers }: Place): string {
  if (answer.serves === 'files') return 'none';
  const of = (role: ShownContainer['role']) => containers.filter((one) => one.role === role).length;
  const restarts = containers.reduce((sum, one) => sum + one.restarts, 0);
  return [
    `${answer.healthy} of ${answer.replicas}`,
    of('warm') > 0 ? `${of('warm')} warm` : '',
    of('draining') > 0 ? `${of('draining')} draining` : '',
    restarts > 0 ? `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}` : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

/** Null where no engine told anything. */
function sumOf(containers: readonly ShownContainer[], figure: 'cpuPercent' | 'memoryBytes'): number | null {
  const seen = containers.map(({ sample }) => sample?.[figure] ?? null).filter((value) => value !== null);
  return seen.length === 0 ? null : seen.reduce((sum, value) => sum + value, 0);
}

function engineTable(engines: readonly EngineState[]): Html | null {
  if (engines.length === 0) return null;
  return table(
    'Engines',
    ['Engine', 'State', 'Version', 'Since (UTC)'],
    engines.map(({ name, connected, version, since, problem }) => ({
      key: name,
      cells: [
        html`${name}`,
        html`${badge(connected ? 'up' : 'down', connected ? 'connected' : 'away')} ${problem?.message ?? null}`,
        html`${version}`,
        moment(since),
      ],
    })),
  );
}

export function volumeTable(volumes: readonly ListedVolume[]): Html | null {
  if (volumes.length === 0) return null;
  return table(
    'Volumes',
    ['Volume', 'Deployment', 'Engine', 'State', 'Used by'],
    volumes.map(({ volume, deployment, name, engine, status, usedBy, orphaned }) => ({
      key: `${engine}/${name}`,
      cells: [
        html`<span title="${name}">${volume}</span>`,
        html`${deployment}`,
        html`${engine}`,
        html`${status}`,
        html`${orphaned ? 'nothing; it stays until it is removed by name' : usedBy.join(', ')}`,
      ],
    })),
  );
}

export function networkTable(networks: readonly Network[]): Html | null {
  if (networks.length === 0) return null;
  return table(
    'Networks',
    ['Network', 'Deployment', 'Engine', 'State', 'Subnets', 'Metadata of the machine'],
    networks.map(({ id, name, deployment, engine, status, subnets, metadata }) => ({
      key: id,
      cells: [
        html`<code>${name}</code>`,
        html`${deployment}`,
        html`${engine}`,
        html`${status}`,
        html`${subnets.join(', ')}`,
        html`${metadata === null ? 'not known' : metadata === 'closed' ? 'out of reach' : html`<span class="problem">in reach</span>`}`,
      ],
    })),
  );
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
