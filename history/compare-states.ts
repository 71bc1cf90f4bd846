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
    const left = own(before, projection) ?? {};
    const right = own(after, projection) ?? {};
    for (const key of union(left, right)) {
      const changes = changesBetween(own(left, key), own(right, key));
      if (changes.length > 0) found.push({ projection, key, changes });
    }
  }
  return found;
}

function union(a: object, b: object): string[] {
  const names = Object.keys(a);
  return [...names, ...Object.keys(b).filter((name) => !Object.hasOwn(a, name))];
}

function own<T>(value: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
