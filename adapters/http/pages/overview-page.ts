import type { EventEnvelope } from '../../../core/events/envelope.ts';
import type { deploymentAnswer } from '../management/deployment-view.ts';
import { type Html, html } from './html.ts';

export interface Overview {
  readonly serverName: string;
  readonly version: string;
  readonly uptimeMs: number;
  readonly headSeq: number;
  readonly deployments: readonly ReturnType<typeof deploymentAnswer>[];
  /** Newest first. */
  readonly events: readonly EventEnvelope[];
}

export function overviewPage(overview: Overview): Html {
  const { serverName, version, uptimeMs, headSeq, deployments, events } = overview;
  const active = deployments.filter(({ condition }) => condition?.state === 'up').length;
  return html`<header><h1>${serverName}</h1>
<form method="post" action="/management/logout"><button>Log out</button></form></header>
<dl><div><dt>Serving</dt><dd>${active} of ${deployments.length}</dd></div>
<div><dt>Last event</dt><dd>${headSeq}</dd></div>
<div><dt>Up</dt><dd>${duration(uptimeMs)}</dd></div>
<div><dt>Version</dt><dd>${version}</dd></div></dl>
<h2>Deployments</h2>${deployments.length === 0 ? nothingDeployed : deploymentTable(deployments)}
<h2>Last events</h2>${eventTable(events)}`;
}

const nothingDeployed = html`<p>None yet. <code>p-cli cloud deploy localhost /demo demo</code> makes one.</p>`;

function deploymentTable(deployments: Overview['deployments']): Html {
  const rows = deployments.map(
    (d) => html`<tr><td>${d.domain}${d.path}</td><td>${d.agent}</td><td>${statusOf(d)}${
      d.problem ? html` <span class="problem">${d.problem.message}</span>` : html``
    }</td><td>${d.release}</td><td><code>${d.commit?.slice(0, 10) ?? ''}</code></td><td>${d.serves === 'files' ? 'files' : (d.engine ?? '')}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Where</th><th>Agent</th><th>Status</th><th>Release</th><th>Commit</th><th>Engine</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** `active` only where it answers. */
function statusOf({ status, condition, replicas, healthy, containers }: Overview['deployments'][number]): string {
  const several = containers.length > 1 ? `${status}, ${healthy} of ${replicas} answer` : status;
  if (status !== 'active' || !condition || condition.state === 'up') return several;
  return condition.reason === null ? condition.state : `${condition.state}: ${condition.reason}`;
}

function eventTable(events: readonly EventEnvelope[]): Html {
  const rows = events.map(
    (
      e,
    ) => html`<tr><td>${e.seq}</td><td>${e.time.slice(0, 19).replace('T', ' ')}</td><td>${e.type}</td><td>${e.stream}</td><td>${e.actor}</td></tr>
`,
  );
  return html`<div class="scroll"><table><thead><tr><th>Seq</th><th>Time (UTC)</th><th>What</th><th>Of</th><th>By</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${Math.floor(minutes / 60)}h ${minutes % 60}m`;
}
