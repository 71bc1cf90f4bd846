import type { CloudPort } from '../cloud-port.ts';
import { enginesAway } from '../management/deployment-view.ts';
import { known } from '../management/known.ts';
import { openNetworks } from '../management/overview-routes.ts';
import { lastOutput } from './container-table.ts';
import { moment } from './figures.ts';
import { type Html, html } from './html.ts';
import { linkTo } from './links.ts';
import type { Place } from './place.ts';

/** What an operator has to know first; nothing where all is well. */
export function troubles(cloud: CloudPort, places: readonly Place[]): Html {
  const found = [
    ...ofServer(cloud),
    ...(known(() => enginesAway(cloud.views())) ?? []).map(
      ({ engine, since, message }) => html`Engine ${engine} is away since ${moment(since)}. ${message}`,
    ),
    ...places.flatMap(ofPlace),
    ...(known(() => openNetworks(cloud.views())) ?? []).map(
      (id) => html`${linkTo(id)}: its containers reach 169.254.0.0/16, where clouds keep credentials of the machine.`,
    ),
  ];
  // It stays on the page when it is empty: who listens to the page is told what comes into it.
  return html`<div role="status" id="troubles">${
    found.length === 0
      ? null
      : html`<h2>Needs attention</h2><ul class="troubles">${found.map((one) => html`<li>${one}</li>`)}</ul>`
  }</div>
`;
}

function ofServer(cloud: CloudPort): Html[] {
  const fork = cloud.fork();
  return [
    ...(fork === null
      ? []
      : [html`This cloud is a copy of another one as it was at event ${fork.seq}. It acts on nothing.`]),
    ...cloud
      .stopped()
      .map(({ projection, seq, message }) => html`What is known of ${projection} ends at event ${seq}: ${message}`),
  ];
}

function ofPlace({ id, answer, containers }: Place): Html[] {
  const { condition, failedRelease, problem, release } = answer;
  const found: Html[] = [];
  const looping = containers.find((one) => one.condition.crashLoop && one.role !== 'draining');
  if (looping) {
    found.push(html`${linkTo(id)}: ${looping.condition.reason}.${lastOutput(looping.condition.output)}`);
  } else if (condition !== null && (condition.state === 'down' || condition.state === 'unhealthy')) {
    found.push(html`${linkTo(id)} is ${condition.state}: ${condition.reason}`);
  }
  if (failedRelease !== null && problem !== null) {
    const other = condition === null ? `release ${release} is being made` : `release ${release} serves`;
    const serves = failedRelease === release ? 'nothing serves' : other;
    found.push(
      html`${linkTo(id)}: release ${failedRelease} failed and ${serves}.<pre tabindex="0">${problem.message}</pre>`,
    );
  }
  return found;
}
