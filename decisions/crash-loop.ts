import type { Container } from '../projections/containers.ts';
import type { Views } from '../projections/views.ts';

/** So many failures in a row may be bad luck no more. */
export const crashLoopFrom = 3;

/** Whether it ends, or does not start, again and again; a container that answers is not told so. */
export function isCrashLoop({ failures, status }: Pick<Container, 'failures' | 'status'>): boolean {
  return failures >= crashLoopFrom && status !== 'healthy' && status !== 'stopRequested' && status !== 'stopped';
}

/** One sentence without a full stop: how often it failed, and how the last time. */
export function crashLoopReason(container: Container): string {
  const { failures, exit, lastExit, problem } = container;
  const last = howItEnded({ exit: exit ?? (problem === null ? lastExit : null), problem });
  return `crash loop: ended ${failures} times in a row, last ${last}`;
}

/** Deployments that should run and do not stay up, in the order of their ids. */
export function crashLoops({ containers }: Pick<Views, 'containers'>): { deployment: string; reason: string }[] {
  const found = new Map<string, string>();
  for (const container of containers.values()) {
    if (isCrashLoop(container)) found.set(container.deployment, crashLoopReason(container));
  }
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
