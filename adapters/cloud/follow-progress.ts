import { Bell } from '../../core/clock/bell.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';
import { heartbeat } from '../http/history/follow-history.ts';
import type { ProgressLine, ReleaseProgress } from '../pipeline/release-progress.ts';
import type { RunningCloud } from './running-cloud.ts';

const heartbeatMs = 15_000;
/** Of a release whose image or install step has not ended yet. */
const speaking: ReadonlySet<Release['status']> = new Set(['requested', 'sourceResolved', 'imageResolved']);

/** Lines of the stages of a release as they come; ends with the last of these stages. @throws PloinkyError RELEASE_NOT_FOUND */
export async function* followProgress(
  {
    world,
    log,
  }: {
    readonly world: { readonly progress: ReleaseProgress; readonly views: RunningCloud['world']['views'] };
    readonly log: Pick<RunningCloud['log'], 'subscribe'>;
  },
  deployment: string,
  n: number,
  signal: AbortSignal,
): AsyncGenerator<ProgressLine | typeof heartbeat> {
  const id = releaseId(deployment, n);
  const { progress, views } = world;
  const bell = new Bell(signal);
  const subscription = log.subscribe({}, (events) => {
    if (events.some(({ type }) => type.startsWith('release.'))) bell.ring();
  });
  const listening = progress.listen((release) => release === id && bell.ring());
  try {
    let next = 0;
    while (!signal.aborted) {
      const release = views.releases.get(id);
      if (!release) throw new PloinkyError('RELEASE_NOT_FOUND', `${deployment} has no release ${n}.`);
      // Looked at before what was said is read: nothing is said afterwards.
      const over = !speaking.has(release.status);
      const said = progress.read(id, next);
      next = said.next;
      yield* said.lines;
      if (over) return;
      if (said.lines.length === 0 && !(await bell.wait(heartbeatMs)) && !signal.aborted) yield heartbeat;
    }
  } finally {
    listening.close();
    subscription.close();
    bell.close();
  }
}
