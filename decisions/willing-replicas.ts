/** How long a container that refused a connection is passed over; milliseconds. A process that ended is noticed sooner. */
export const passedOverMs = 2_000;

/**
 * Those that may get the next call: all but the ones that refused a connection a moment ago, and all where each of them did.
 * @param refusals when each refused last; milliseconds of the clock of `now`, which never jumps
 */
export function willingReplicas<T>(
  replicas: readonly T[],
  refusals: ReadonlyMap<T, number>,
  now: number,
): readonly T[] {
  const willing = replicas.filter((replica) => {
    const at = refusals.get(replica);
    return at === undefined || now - at >= passedOverMs;
  });
  return willing.length === 0 ? replicas : willing;
}
