import type { PloinkyDraft } from '../core/events/catalogue.ts';
import type { Views } from '../projections/views.ts';
import { accepted, type CommandOf, type Decision } from './commands.ts';
import { refused } from './refuse.ts';

/** The same name with the same address changes nothing; with another one it is refused. */
export function addRepository(views: Views, command: CommandOf<'addRepository'>): Decision {
  const { name, url, branch, enabled, check } = command;
  const known = views.repositories.get(name);
  if (known && (known.url !== url || known.branch !== branch)) {
    return refused('REPOSITORY_EXISTS', `The repository name ${name} is taken by ${known.url}.`);
  }
  if (known) return accepted();
  return accepted({
    type: 'repository.added',
    stream: `repository:${name}`,
    data: { name, url, branch, enabled, check },
  });
}

export function setRepositoryEnabled(views: Views, command: CommandOf<'setRepositoryEnabled'>): Decision {
  const known = views.repositories.get(command.name);
  if (!known) return unknown(command.name);
  if (known.enabled === command.enabled) return accepted();
  const { name, url, branch } = known;
  return accepted({
    type: 'repository.updated',
    stream: `repository:${name}`,
    data: { name, url, branch, enabled: command.enabled },
  });
}

export function syncRepository(views: Views, { name }: CommandOf<'syncRepository'>): Decision {
  if (!views.repositories.has(name)) return unknown(name);
  return accepted({ type: 'repository.syncRequested', stream: `repository:${name}`, data: { name } });
}

export function removeRepository(views: Views, { name, reason }: CommandOf<'removeRepository'>): Decision {
  return views.repositories.has(name) ? accepted(repositoryRemoved(name, reason)) : accepted();
}

export function repositoryRemoved(name: string, reason: string | null): PloinkyDraft {
  return { type: 'repository.removed', stream: `repository:${name}`, data: { name, reason } };
}

function unknown(name: string): Decision {
  return refused('REPOSITORY_NOT_FOUND', `There is no repository named ${name}.`);
}
