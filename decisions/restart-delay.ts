const firstMs = 1_000;
const secondMs = 10_000;
const mostMs = 300_000;

/**
 * Kubernetes starts again at once, then after 10 s, 20 s, 40 s … 300 s, and forgets after 10 minutes in which the container
 * ran ("Container restart policy" in its documentation). Here the first pause is a second.
 *
 * How long a container that ended rests before its next start, in ms: a second after the first failure, which may
 * have been bad luck; then ten seconds, doubled with each further failure in a row, five minutes at most.
 */
export function restartDelayMs(failuresInARow: number): number {
  if (failuresInARow <= 1) return firstMs;
  return Math.min(secondMs * 2 ** (failuresInARow - 2), mostMs);
}
