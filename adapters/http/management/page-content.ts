import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { releaseId } from '../../../core/names/names.ts';
import { listVolumes } from '../../../decisions/list-volumes.ts';
import type { Deployment } from '../../../projections/deployments.ts';
import type { CloudPort } from '../cloud-port.ts';
import { matcher } from '../history/event-filter.ts';
import { deploymentPage, type ShownRelease } from '../pages/deployment-page.ts';
import type { Html } from '../pages/html.ts';
import { overviewPage } from '../pages/overview-page.ts';
import { placeOf, releasesOf } from '../pages/place.ts';
import { troubles } from '../pages/troubles.ts';
import { livingDeployments } from './deployment-view.ts';
import { known } from './known.ts';

const shownEvents = 30;
const shownReleases = 10;
const shownLines = 400;
/** A page must not cost a walk through the whole log. */
const lookedAt = 1_000;
const calls = /^(?:task|request)\./;

/** Everything at a glance. @param now ms since 1970 */
export async function overviewContent(cloud: CloudPort, now: number): Promise<Html> {
  const views = cloud.views();
  const places = known(() => livingDeployments(views).map((deployment) => placeOf(views, deployment, cloud, now)));
  return overviewPage({
    version: cloud.version,
    uptimeMs: Math.max(0, now - Date.parse(cloud.startedAt)),
    headSeq: cloud.head().seq,
    troubles: troubles(cloud, places ?? []),
    places,
    engines: known(() => [...views.engines.values()]),
    volumes: known(() => listVolumes(views)),
    networks: known(() => [...views.networks.values()]),
    events: await newest(cloud),
  });
}

/** Everything about one deployment. @param now ms since 1970 */
export async function deploymentContent(cloud: CloudPort, deployment: Deployment, now: number): Promise<Html> {
  const views = cloud.views();
  const { id, pin } = deployment;
  const place = placeOf(views, deployment, cloud, now);
  const pinning = pin === null ? undefined : views.releases.get(releaseId(id, pin.release));
  const releases = releasesOf(views, deployment).slice(0, shownReleases);
  return deploymentPage({
    place,
    troubles: troubles(cloud, [place]),
    pinnedAt: pinning ? await timeOf(cloud, pinning.requestedAt) : null,
    releases: await Promise.all(
      releases.map(
        async (release): Promise<ShownRelease> => ({
          release,
          requestedAt: await timeOf(cloud, release.requestedAt),
          installOutput: await cloud.installOutput(id, release.n, shownLines).catch(() => ''),
        }),
      ),
    ),
    volumes: listVolumes(views).filter((volume) => volume.deployment === id),
    networks: [...views.networks.values()].filter((network) => network.deployment === id),
    events: await newest(cloud, id),
  });
}

/** Newest first; of a deployment without its calls, and among the newest of the log. */
async function newest(cloud: CloudPort, deployment?: string): Promise<EventEnvelope[]> {
  const events: EventEnvelope[] = [];
  const matches = matcher(deployment === undefined ? {} : { deployment }, cloud);
  const limit = deployment === undefined ? shownEvents : lookedAt;
  for await (const event of cloud.read({ reverse: true, limit })) {
    if (deployment !== undefined && (calls.test(event.type) || !(await matches(event)))) continue;
    events.push(event);
    if (events.length >= shownEvents) break;
  }
  return events;
}

async function timeOf(cloud: CloudPort, seq: number): Promise<string | null> {
  for await (const { time } of cloud.read({ from: seq, to: seq })) return time;
  return null;
}
