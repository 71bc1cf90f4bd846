import { releaseId } from '../core/names/names.ts';
import type { Container } from '../projections/containers.ts';
import type { Views } from '../projections/views.ts';
import { type RestartPolicy, restartPolicyOf, staysDown } from './restart-policy.ts';

/** So many failures in a row may be bad luck no more. */
export const crashLoopFrom = 3;

const noLoop: readonly Container['status'][] = ['healthy', 'stopRequested', 'stopped'];

/** Whether it ends, or does not start, again and again; one that answers, or is not started again, is not told so. */
export function isCrashLoop(container: Container, policy: RestartPolicy): boolean {
  const { failures, status } = container;
  return failures >= crashLoopFrom && !noLoop.includes(status) && !staysDown(container, policy);
}

/** Containers that should run and do not stay up. */
export function crashLooping({ containers, releases }: Pick<Views, 'containers' | 'releases'>): Container[] {
  return [...containers.values()].filter((container) => {
    const release = releases.get(releaseId(container.deployment, container.release));
    return isCrashLoop(container, restartPolicyOf(release));
  });
}

/** One sentence without a full stop: how often it failed, and how the last time. */
export function crashLoopReason(container: Container): string {
  const { failures, exit, lastExit, problem } = container;
  const last = howItEnded({ exit: exit ?? (problem === null ? lastExit : null), problem });
  return `crash loop: ended ${failures} times in a row, last ${last}`;
}

/** Deployments that should run and do not stay up, in the order of their ids. */
export function crashLoops(views: Pick<Views, 'containers' | 'releases'>): { deployment: string; reason: string }[] {
  const found = new Map(
    crashLooping(views).map((container) => [container.deployment, crashLoopReason(container)] as const),
  );
  const each = [...found].map(([deployment, reason]) => ({ deployment, reason }));
  return each.sort((a, b) => (a.deployment < b.deployment ? -1 : 1));
}

function howItEnded({ exit, problem }: Pick<Container, 'exit' | 'problem'>): string {
  if (exit?.oomKilled) return 'out of memory';
  if (exit?.reason === 'unhealthy')
    return `because it was not well${problem ? `: ${withoutStop(problem.message)}` : ''}`;
  if (exit?.reason === 'engineAway') return 'while its engine was away';
  if (exit?.signal) return `by ${exit.signal}`;
  if (exit) return `with exit code ${exit.exitCode ?? 'unknown'}`;
  return problem ? `since it could not start: ${withoutStop(problem.message)}` : 'because it vanished';
}

/** To stand in the middle of a sentence. */
export function withoutStop(text: string): string {
  return text.replace(/\.$/, '');
}
