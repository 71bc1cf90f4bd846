import type { Container } from '../projections/containers.ts';

/**
 * Whether a container may be sent calls and requests: it is well. One that a new run of the server took over has been running
 * all the time, and was well when it was asked last: it serves while it is asked again, or every restart of the server
 * would be followed by a moment in which nothing does.
 */
export function takesRequests(container: Container | undefined): container is Container {
  if (container === undefined) return false;
  const { status, healthySince } = container;
  return status === 'healthy' || (status === 'started' && healthySince !== null);
}
