import type { Container } from '../projections/containers.ts';
import { restartDelayMs } from './restart-delay.ts';

/** How the container of a release that serves is doing. */
export interface Condition {
  /** `up` answers; `starting` is on its way; `unhealthy` runs and does not answer; `down` does not run. */
  readonly state: 'up' | 'starting' | 'unhealthy' | 'down';
  /** Why not up; null where there is nothing to tell. */
  readonly reason: string | null;
  /** When it is started or asked again at the earliest, ms since 1970; null when that is under way or not planned. */
  readonly retryAt: number | null;
}

/** Before a container that runs and does not answer is asked again. */
export const askAgainMs = 10_000;

/** Undefined = not asked for yet. */
export function conditionOf(container: Container | undefined): Condition {
  const since = Date.parse(container?.since ?? '');
  switch (container?.status) {
    case 'healthy':
      return { state: 'up', reason: null, retryAt: null };
    case 'unhealthy':
      return { state: 'unhealthy', reason: container.problem?.message ?? null, retryAt: since + askAgainMs };
    case 'exited':
      return { state: 'down', reason: reasonOf(container), retryAt: since + restartDelayMs(container.failures) };
    case 'stopRequested':
    case 'stopped':
      return { state: 'down', reason: 'was stopped', retryAt: null };
    default:
      return { state: 'starting', reason: null, retryAt: null };
  }
}

/** Of several containers that serve together: up as long as one of them is, else that of the one which is nearest to it. */
export function jointCondition(each: readonly Condition[]): Condition {
  const nearness = { up: 0, starting: 1, unhealthy: 2, down: 3 };
  const [nearest] = [...each].sort((a, b) => {
    return nearness[a.state] - nearness[b.state] || (a.retryAt ?? 0) - (b.retryAt ?? 0);
  });
  // Files need no container.
  return nearest ?? { state: 'up', reason: null, retryAt: null };
}

function reasonOf({ exit, problem }: Container): string {
  if (exit?.oomKilled) return 'ran out of memory';
  if (exit?.signal) return `was ended by ${exit.signal}`;
  if (exit) return `exited with code ${exit.exitCode ?? 'unknown'}`;
  return problem ? `could not start: ${problem.message}` : 'vanished';
}
