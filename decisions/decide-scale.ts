import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { mostReplicas } from '../core/events/deployment-events.ts';
import { releaseId } from '../core/names/names.ts';
import type { Deployment } from '../projections/deployments.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { type Refusal, refused } from './refuse.ts';
import { servesFiles } from './serves-files.ts';

/** From now on so many containers share the calls; those that are missing are started, those that are too many stopped. */
export function scale(views: Views, command: CommandOf<'scale'>): Decision {
  const { domain, path, replicas } = command;
  const id = `${domain}${path}`;
  const known = views.deployments.get(id);
  if (!known || known.status === 'removed') {
    return refused('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${id}.`);
  }
  return (
    replicasRefused(replicas, domain, path) ??
    siteRefused(views, known, replicas) ??
    accepted(...scaled(id, known.replicas, replicas))
  );
}

/** Null where containers serve, or may serve by the release that is on its way. */
function siteRefused(views: Views, { id, routed }: Deployment, replicas: number): Refusal | null {
  const release = routed === null ? undefined : views.releases.get(releaseId(id, routed));
  if (replicas === 1 || !release || !servesFiles(release)) return null;
  const message = `${id} serves files, without a container: it cannot have ${replicas} replicas.`;
  return refused('REPLICAS_INVALID', message, 'Leave it as it is; the server itself answers with the files.');
}

/** Null where there can be so many. */
export function replicasRefused(replicas: number, domain: string, path: string): Refusal | null {
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= mostReplicas) return null;
  const message = `${domain}${path} cannot have ${replicas} replicas.`;
  const stop = replicas === 0 ? `To stop it, use \`p-cli cloud undeploy ${domain} ${path}\`.` : undefined;
  return refused('REPLICAS_INVALID', message, stop);
}

/** Nothing where that changes nothing. */
export function scaled(deployment: string, previous: number, replicas: number): PloinkyDraft[] {
  if (replicas === previous) return [];
  return [{ type: 'deployment.scaled', stream: `deployment:${deployment}`, data: { replicas, previous } }];
}
