import { ownValue } from '../core/json/json-object.ts';
import type { Dump } from './dump.ts';
import { changesBetween, type JsonChange } from './json-changes.ts';

/** An entity that differs between two states. */
export interface EntityChange {
  readonly projection: string;
  readonly key: string;
  readonly changes: readonly JsonChange[];
}

/** Every entity that two states do not have alike, in the order of projections and keys. */
export function differingEntities(before: Dump, after: Dump): EntityChange[] {
  const found: EntityChange[] = [];
  for (const projection of union(before, after)) {
    const left = ownValue(before, projection) ?? {};
    const right = ownValue(after, projection) ?? {};
    for (const key of union(left, right)) {
      const changes = changesBetween(ownValue(left, key), ownValue(right, key));
      if (changes.length > 0) found.push({ projection, key, changes });
    }
  }
  return found;
}

function union(a: object, b: object): string[] {
  const names = Object.keys(a);
  return [...names, ...Object.keys(b).filter((name) => !Object.hasOwn(a, name))];
}
