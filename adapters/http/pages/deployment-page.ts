import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { ListedVolume } from '../../../decisions/list-volumes.ts';
import type { Network } from '../../../projections/networks.ts';
import type { Release } from '../../../projections/releases.ts';
import { badge, containerTable } from './container-table.ts';
import { eventTable } from './event-table.ts';
import { moment, shortCommit } from './figures.ts';
import { type Html, html } from './html.ts';
import { networkTable, statusOf, volumeTable } from './overview-page.ts';
import type { Place } from './place.ts';
import { table } from './table.ts';
import { watchTerms } from './watch-text.ts';

export interface DeploymentPage {
  readonly place: Place;
  readonly troubles: Html;
  /** ISO 8601 of the rollback that pins it. */
  readonly pinnedAt: string | null;
  /** Newest first, those that are shown. */
  readonly releases: readonly ShownRelease[];
  readonly volumes: readonly ListedVolume[];
  readonly networks: readonly Network[];
  /** Newest first. */
  readonly events: readonly EventEnvelope[];
}

export interface ShownRelease {
  readonly release: Release;
  /** ISO 8601. */
  readonly requestedAt: string | null;
  /** What its install step wrote, as far as it was kept; empty where there was none. */
  readonly installOutput: string;
}

export function deploymentPage(page: DeploymentPage): Html {
  const { place, releases, volumes, networks, events } = page;
  const { answer, containers } = place;
  const url = answer.domain === 'localhost' ? html` <a href="${answer.path}">Open ${place.id}</a>` : null;
  return html`<nav aria-label="Where you are"><a href="/management">All deployments</a></nav>
<h2>${place.id} ${statusOf(place)}</h2>
<p>${answer.agent} of ${answer.repository ?? 'a repository that is not known yet'}${url}</p>
<dl class="terms"><div><dt>Release</dt><dd>${answer.release}</dd></div>
<div><dt>${answer.tag === null ? 'Branch' : 'Tag'}</dt><dd>${answer.tag ?? answer.branch ?? 'none'}</dd></div>
<div><dt>Commit</dt><dd>${shortCommit(answer.commit) ?? 'none yet'}</dd></div>
<div><dt>Image</dt><dd>${answer.image ?? 'none'}</dd></div>
<div><dt>Runs on</dt><dd>${answer.serves === 'files' ? 'nothing: files' : (answer.engine ?? 'nothing yet')}</dd></div>
${watchTerms(place, page.pinnedAt)}</dl>
${page.troubles}
${containers.length === 0 ? null : containerTable(containers)}
${installs(releases)}
${releaseTable(releases)}
${volumeTable(volumes)}
${networkTable(networks)}
${eventTable(events)}`;
}

function releaseTable(releases: readonly ShownRelease[]): Html {
  return table(
    'Releases',
    ['Release', 'Status', 'By', 'Asked for (UTC)', 'Source', 'Commit'],
    releases.map(({ release, requestedAt }) => ({
      key: String(release.n),
      cells: [
        html`${release.n}`,
        html`${badge(release.status === 'serving' ? 'up' : release.status, words[release.status])}${
          release.failure === null ? null : html` at ${release.failure.stage}`
        }`,
        html`${asked(release)}`,
        requestedAt === null ? html`–` : moment(requestedAt),
        html`${release.config.tag ?? release.source?.branch ?? release.config.branch ?? ''}`,
        html`${shortCommit(release.source?.commit ?? release.push?.commit ?? null)} ${release.source?.subject ?? null}`,
      ],
    })),
  );
}

/** The reason of a push begins with that word. */
function asked({ trigger, reason }: ShownRelease['release']): string {
  if (reason === null) return trigger;
  return reason.startsWith(`${trigger} `) ? reason : `${trigger}: ${reason}`;
}

const words = {
  requested: 'looks for its source',
  sourceResolved: 'looks for its image',
  imageResolved: 'installs',
  installed: 'starts',
  serving: 'serves',
  failed: 'failed',
  retired: 'retired',
} as const;

/** Of the newest release as it comes, while it is made; of others what was kept. */
function installs(releases: readonly ShownRelease[]): Html | null {
  const shown = releases.flatMap(({ release, installOutput }, i) => {
    const { deployment, n, status } = release;
    const onItsWay = status === 'requested' || status === 'sourceResolved' || status === 'imageResolved';
    if (i === 0 && onItsWay) {
      const follow = `/management/api/deployments/progress?${new URLSearchParams({ deployment, release: String(n) })}`;
      return html`<section data-key="making-${n}"><h3>Release ${n}, now</h3>
<pre tabindex="0" role="log" aria-label="Output of release ${n}" data-follow="${follow}">${installOutput}</pre></section>`;
    }
    if (installOutput === '') return [];
    return html`<details data-key="made-${n}" ${i === 0 ? 'open' : ''}><summary>Release ${n}</summary><pre tabindex="0">${installOutput}</pre></details>`;
  });
  return shown.length === 0
    ? null
    : html`<section data-key="h-install" aria-labelledby="h-install"><h2 id="h-install">Install output</h2>${shown}</section>`;
}
