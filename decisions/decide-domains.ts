import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { refused } from './refuse.ts';

/** Adding a domain that is there changes nothing, as existing scripts expect. */
export function addDomain(views: Views, { name, enabled }: CommandOf<'addDomain'>): Decision {
  if (views.domains.has(name)) return accepted();
  const stream = `domain:${name}`;
  const added = { type: 'domain.added', stream, data: { name } } as const;
  return enabled ? accepted(added) : accepted(added, { type: 'domain.disabled', stream, data: { name } });
}

export function setDomainEnabled(views: Views, { name, enabled }: CommandOf<'setDomainEnabled'>): Decision {
  const domain = views.domains.get(name);
  if (!domain) return refused('DOMAIN_NOT_FOUND', `The domain ${name} is not known.`);
  if (domain.enabled === enabled) return accepted();
  return accepted({ type: enabled ? 'domain.enabled' : 'domain.disabled', stream: `domain:${name}`, data: { name } });
}

/** Removing what is not there changes nothing; what still serves is not pulled away from under its deployments. */
export function removeDomain(views: Views, { name }: CommandOf<'removeDomain'>): Decision {
  if (!views.domains.has(name)) return accepted();
  const living = [...views.deployments.values()].filter((d) => d.domain === name && d.status !== 'removed');
  if (living.length > 0) {
    const ids = living.map((d) => d.id).join(', ');
    return refused('DOMAIN_IN_USE', `The domain ${name} still has deployments: ${ids}.`);
  }
  return accepted({ type: 'domain.removed', stream: `domain:${name}`, data: { name } });
}
