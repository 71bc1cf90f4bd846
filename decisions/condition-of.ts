import type { Container } from '../projections/containers.ts';
import { crashLoopReason, isCrashLoop, withoutStop } from './crash-loop.ts';
import { restartDelayMs } from './restart-delay.ts';
import { type RestartPolicy, staysDown } from './restart-policy.ts';

/** How the container of a release that serves is doing. */
export interface Condition {
  /** `up` answers; `starting` is on its way; `unhealthy` runs and is not well; `down` does not run. */
  readonly state: 'up' | 'starting' | 'unhealthy' | 'down';
  /** Why not up; null where there is nothing to tell. */
  readonly reason: string | null;
  /** When it is started or asked again at the earliest, ms since 1970; null when that is under way or not planned. */
  readonly retryAt: number | null;
  /** It ends again and again; `reason` says how often. */
  readonly crashLoop: boolean;
  /** What it wrote last before it ended the last time; null where it is up or wrote nothing. */
  readonly output: string | null;
}

/** Before a container that runs, is not well and may not be started again is asked again. */
export const askAgainMs = 10_000;

/** @param container undefined = not asked for yet */
export function conditionOf(container: Container | undefined, policy: RestartPolicy = 'always'): Condition {
  if (!container) return { ...starting, crashLoop: false, output: null };
  const crashLoop = isCrashLoop(container, policy);
  const { state, reason, retryAt } = stateOf(container, policy);
  return {
    state,
    reason: crashLoop ? crashLoopReason(container) : reason,
    retryAt,
    crashLoop,
    output: state === 'up' ? null : container.lastExit?.output.trim() || null,
  };
}

type State = Pick<Condition, 'state' | 'reason' | 'retryAt'>;

const starting: State = { state: 'starting', reason: null, retryAt: null };

function stateOf(container: Container, policy: RestartPolicy): State {
  const since = Date.parse(container.since);
  switch (container.status) {
    case 'healthy':
      return { state: 'up', reason: null, retryAt: null };
    case 'unhealthy': {
      const reason = container.problem?.message ?? null;
      return { state: 'unhealthy', reason, retryAt: policy === 'never' ? since + askAgainMs : null };
    }
    case 'restartRequested':
      return { state: 'unhealthy', reason: container.problem?.message ?? null, retryAt: null };
    case 'paused':
      return { state: 'unhealthy', reason: 'was paused by hand and is being resumed', retryAt: null };
    case 'exited': {
      if (!staysDown(container, policy)) {
        return { state: 'down', reason: reasonOf(container), retryAt: since + restartDelayMs(container.failures) };
      }
      const stays = `its manifest says "restart": "${policy}", so it stays down until the next deploy`;
      return { state: 'down', reason: `${reasonOf(container)}; ${stays}`, retryAt: null };
    }
    case 'stopRequested':
    case 'stopped':
      return { state: 'down', reason: 'was stopped', retryAt: null };
    default:
      return starting;
  }
}

/** Of several containers that serve together: up as long as one of them is, else that of the one which is nearest to it. */
export function jointCondition(each: readonly Condition[]): Condition {
  const nearness = { up: 0, starting: 1, unhealthy: 2, down: 3 };
  const [nearest] = [...each].sort((a, b) => {
    return nearness[a.state] - nearness[b.state] || soonness(a) - soonness(b);
  });
  // Files need no container.
  return nearest ?? { state: 'up', reason: null, retryAt: null, crashLoop: false, output: null };
}

/** Nothing is planned for one that is down without a time; others without one are under way. */
function soonness({ state, retryAt }: Condition): number {
  return retryAt ?? (state === 'down' ? Number.MAX_SAFE_INTEGER : 0);
}

function reasonOf({ exit, problem }: Container): string {
  if (exit?.oomKilled) return 'ran out of memory';
  if (exit?.reason === 'unhealthy') {
    return `was ended because it was not well${problem ? `: ${withoutStop(problem.message)}` : ''}`;
  }
  if (exit?.reason === 'engineAway') return 'ended while its engine was away';
  if (exit?.signal) return `was ended by ${exit.signal}`;
  if (exit) return `exited with code ${exit.exitCode ?? 'unknown'}`;
  return problem ? `could not start: ${problem.message}` : 'vanished';
}
