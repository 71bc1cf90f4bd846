import canonicalize from 'canonicalize';
import type { Views } from '../projections/views.ts';

/** State as plain JSON: by projection, by key. */
export type Dump = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Everything folded, as data: keys in order, so that equal states give equal bytes however they came about. The hashes
 * that API keys and sessions are checked against are left out.
 */
export function dump(views: Partial<Views>): Dump {
  const state: Record<string, Record<string, unknown>> = {};
  for (const [name, entities] of Object.entries(views) as [string, ReadonlyMap<string, object>][]) {
    // Keys come from outside: one called __proto__ is a key like any other.
    const plain: Record<string, unknown> = Object.create(null);
    for (const key of [...entities.keys()].sort()) plain[key] = shownEntity(name, entities.get(key));
    state[name] = plain;
  }
  return state;
}

/** An entity of a projection as it may be shown: without the hash that a key or session is checked against. */
export function shownEntity(projection: string, entity: object | undefined): object | undefined {
  if (entity === undefined || (projection !== 'keys' && projection !== 'sessions')) return entity;
  const { hash: _, ...shown } = entity as { hash?: string };
  return shown;
}

/** The one text of a state (RFC 8785). */
export function dumpText(state: unknown): string {
  return canonicalize(state) ?? 'null';
}
