import type { EntityChange } from '../../history/compare-states.ts';
import type { DiffGroup } from '../../history/diff.ts';
import type { JsonChange } from '../../history/json-changes.ts';
import { shortJson } from './change-lines.ts';

/** One thing that changed, as a table shows it; null = there was or is nothing. */
export interface DiffLine {
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What the log keeps for itself, and what follows from the rest: `--json` has it. */
const unspoken = new Set([
  'lastEvent',
  'trace',
  'updatedAt',
  'createdAt',
  'changedAt',
  'requestedAt',
  'servedAt',
  'wantedAt',
  'syncedAt',
  'since',
  'cleaned',
  'specHash',
  'engineId',
  'bootId',
  'everSynced',
  'attempt',
  'minMs',
  'maxMs',
  'totalMs',
]);

const mostLetters = 60;

/** The changes of a group in lines that people read: the configuration first, then releases, containers and calls. */
export function diffLines({ entities }: DiffGroup): DiffLine[] {
  return entities.flatMap(entityLines);
}

function entityLines({ projection, key, changes }: EntityChange): DiffLine[] {
  const [whole] = changes;
  if (whole?.path === '') return [wholeLine(projection, key, whole)];
  return changes
    .filter(({ path }) => !unspoken.has(path.split('.').at(-1) ?? '') && !/^scaled\b/.test(path))
    .map((change) => ({ what: nameOf(projection, key, change.path), ...sides(change) }));
}

/** An entity that came or went: what it is, instead of all it holds. */
function wholeLine(projection: string, key: string, { before, after }: JsonChange): DiffLine {
  const told = (entity: unknown) => (entity === undefined ? null : summary(projection, entity as Entity));
  return { what: entityName(projection, key), before: told(before), after: told(after) };
}

type Entity = Readonly<Record<string, unknown>>;

function summary(projection: string, entity: Entity): string {
  switch (projection) {
    case 'releases': {
      const source = entity.source as { commit?: string; subject?: string } | null;
      const commit = source?.commit ? ` at ${source.commit.slice(0, 8)} ${source.subject ?? ''}` : '';
      return `${String(entity.status)}${commit}`;
    }
    case 'deployments': {
      const { agent } = entity.config as { agent?: unknown };
      const routed = entity.routed === null ? '' : `, release ${String(entity.routed)} serves`;
      const replicas = entity.replicas === 1 ? '' : `, ${String(entity.replicas)} replicas`;
      return `${String(agent)}, ${String(entity.status)}${routed}${replicas}`;
    }
    case 'containers':
    case 'keys':
      return String(entity.status);
    case 'repositories':
      return String(entity.url);
    case 'usage':
      return String(entity.count);
    case 'tasks':
      return `${String(entity.command)} ${entity.container === null ? 'waits' : 'runs'}`;
    case 'callbacks':
      return String(entity.url);
    case 'secrets':
      return `version ${String(entity.latest)}`;
    case 'sessions':
      return String(entity.userId);
    case 'domains':
      return entity.enabled === false ? 'disabled' : 'served';
    default:
      return shortJson(entity, mostLetters);
  }
}

function entityName(projection: string, key: string): string {
  switch (projection) {
    case 'deployments':
      return 'deployment';
    case 'releases':
      return `release ${key.slice(key.lastIndexOf('#') + 1)}`;
    case 'containers':
      return `container ${key}`;
    case 'tasks':
      return `task ${key}`;
    case 'callbacks':
      return `callback of task ${key}`;
    case 'usage': {
      const [day = '', , ...command] = key.split('|');
      return `calls of ${command.join('|')} on ${day}`;
    }
    case 'cloud':
      return 'cloud';
    default:
      return key;
  }
}

function nameOf(projection: string, key: string, path: string): string {
  if (projection === 'deployments') {
    if (path === 'routed') return 'serving release';
    if (path === 'latest') return 'newest release';
    return path.replace(/^config\./, '');
  }
  if (projection === 'cloud') return path.replace(/^settings\./, '');
  if (projection === 'usage' && path === 'count') return entityName(projection, key);
  return `${entityName(projection, key)} ${path}`;
}

function sides(change: JsonChange): { before: string | null; after: string | null } {
  return {
    before: change.before == null ? null : plainValue(change.before),
    after: change.after == null ? null : plainValue(change.after),
  };
}

/** Texts without their quotation marks: `info → debug`. */
export function plainValue(value: unknown): string {
  if (typeof value !== 'string') return shortJson(value, mostLetters);
  const letters = [...value];
  return letters.length > mostLetters ? `${letters.slice(0, mostLetters - 1).join('')}…` : value;
}
