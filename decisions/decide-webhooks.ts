import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { pinnedFollowers } from './pinned-followers.ts';
import { refused } from './refuse.ts';
import { newestVersion } from './release-secrets.ts';

/** Lets the host of a repository tell of pushes, or no more. */
export function setWebhook(views: Views, { name, secret }: CommandOf<'setWebhook'>): Decision {
  const known = views.repositories.get(name);
  if (!known) return refused('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
  if (secret !== null && newestVersion(views, secret) === undefined) {
    const hint = `Run \`p-cli cloud secret set ${secret}\` first, and give the host of the repository the same value.`;
    return refused('SECRET_NOT_FOUND', `There is no secret named ${secret}.`, hint);
  }
  if (known.webhook === secret) return accepted();
  return accepted({ type: 'repository.webhookChanged', stream: `repository:${name}`, data: { name, secret } });
}

/** A message whose proof was good, and what a rollback keeps from following it. One that came before changes nothing. */
export function receivePush(views: Views, { name, ...told }: CommandOf<'receivePush'>): Decision {
  const known = views.repositories.get(name);
  if (!known || known.webhook === null || known.deliveries.includes(told.delivery)) return accepted();
  const pinned = pinnedFollowers(views, name, told.branch);
  const data = { repository: name, ...told, ...(pinned.length > 0 ? { pinned } : {}) };
  return accepted({ type: 'push.received', stream: `repository:${name}`, data });
}
