import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { RestartPolicy } from '../../decisions/restart-policy.ts';
import type { Api } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { Progress } from '../terminal/progress.ts';
import { eventsOf } from './follow-release.ts';
import { type ScaleStep, scaleStep } from './scale-watch.ts';

export interface PendingScale {
  readonly deployment: string;
  /** Of `deployment.scaled`. */
  readonly seq: number;
  /** Containers that do not answer yet, and those that are too many. */
  readonly starting: readonly string[];
  readonly stopping: readonly string[];
  /** Of those that start, the ones that nobody starts: no event is to come of them. */
  readonly stayDown?: readonly { readonly container: string; readonly reason: string }[] | undefined;
  readonly restart?: RestartPolicy | undefined;
}

/**
 * Shows each container that comes or goes, until as many answer as should and no others are left.
 * @throws PloinkyError REPLICAS_MISSING once one of them fails, or the others are there and one stays down; SUPERSEDED, DEPLOYMENT_REMOVED, SERVER_UNREACHABLE
 */
export async function followScale(session: Session, api: Api, pending: PendingScale): Promise<void> {
  const waiting = { starting: new Set(pending.starting), stopping: new Set(pending.stopping) };
  const stayDown = pending.stayDown ?? [];
  for (const { container } of stayDown) waiting.starting.delete(container);
  const progress = new Progress(session.out, session.surroundings);
  const begin = () => {
    if (waiting.starting.size > 0) progress.begin('start');
    else if (waiting.stopping.size > 0) progress.begin('stop');
  };
  const settled = () => waiting.starting.size === 0 && waiting.stopping.size === 0;
  const done = () => {
    const [first] = stayDown;
    if (!first) return;
    const others = stayDown.length === 1 ? '' : ` So it is with ${stayDown.length - 1} more.`;
    const what = `${first.container} is down: ${first.reason.replace(/\.$/, '')}.${others}`;
    throw new PloinkyError('REPLICAS_MISSING', what, {
      hint: `Deploy ${pending.deployment} again with \`p-cli cloud deploy\`; see why it ended with \`p-cli cloud logs ${pending.deployment}\`.`,
    });
  };
  begin();
  try {
    if (settled()) return done();
    for await (const event of eventsOf(session, api, pending, progress)) {
      const step = scaleStep(event, pending);
      if (step?.kind === 'ended') return;
      if (step?.kind === 'came' && waiting.starting.delete(step.container)) progress.done(step.detail);
      else if (step?.kind === 'gone' && waiting.stopping.delete(step.container)) progress.done(step.container);
      else if (step?.kind === 'failed' && waiting.starting.has(step.container)) throw missing(step, event, progress);
      else if (step?.kind === 'otherwise') throw new PloinkyError(step.code, step.message);
      else continue;
      if (settled()) return done();
      begin();
    }
    throw new PloinkyError('SERVER_UNREACHABLE', 'The stream of events ended before the containers were there.');
  } finally {
    progress.close();
  }
}

function missing(
  { container, why, next }: Extract<ScaleStep, { kind: 'failed' }>,
  { trace }: PloinkyEvent,
  progress: Progress,
): PloinkyError {
  progress.failed('failed');
  return new PloinkyError('REPLICAS_MISSING', `${container} ${why} ${next}`, { details: { trace } });
}
