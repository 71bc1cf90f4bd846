import type { AnyProjection } from './projection.ts';

/** A projection under the name that its view has. */
export interface Taker {
  readonly name: string;
  readonly projection: AnyProjection;
}

/** Which projections take events of a type, in the order in which they are given. */
export function takersByType(
  projections: Readonly<Record<string, AnyProjection>>,
): ReadonlyMap<string, readonly Taker[]> {
  const byType = new Map<string, Taker[]>();
  for (const [name, projection] of Object.entries(projections)) {
    for (const type of projection.types) {
      const takers = byType.get(type);
      if (takers) takers.push({ name, projection });
      else byType.set(type, [{ name, projection }]);
    }
  }
  return byType;
}
