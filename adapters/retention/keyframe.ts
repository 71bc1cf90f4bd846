import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { AnyProjection } from '../../core/kernel/projection.ts';
import { Store } from '../../core/kernel/store.ts';
import { type Keyframe, standIn } from '../../core/log/gap.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { readersOfTasks } from '../../history/watched-fold.ts';
import { projections as all } from '../../projections/registry.ts';

/** Those that deletion takes something from. */
const projections: Readonly<Record<string, AnyProjection>> = Object.fromEntries(
  readersOfTasks(all).map((name) => [name, all[name as keyof typeof all]]),
);

/** What the projections of task events come to after event `seq`, told on from the last keyframe. */
export async function keyframeAt(log: LevelLog, seq: number): Promise<Keyframe> {
  const store = new Store<Record<string, ReadonlyMap<string, object>>>(projections);
  const former = await log.segments.keyframe();
  if (former && former.seq <= seq) store.replay([upTo(former)]);
  for await (const piece of log.readPieces({ from: store.seq + 1, to: seq })) store.replay(piece);
  for (const problem of store.stopped.values()) throw problem;
  const entries = Object.entries(projections).map(([name, { version }]) => {
    return [name, { version, entities: [...(store.views[name] as ReadonlyMap<string, object>)] }] as const;
  });
  return { seq, projections: Object.fromEntries(entries) };
}

/** Everything before a keyframe, as if all of it had been deleted. */
function upTo(keyframe: Keyframe): EventEnvelope {
  const nobody = { segment: 1, deletion: { seq: 0, time: '', reason: '' } };
  const { seq } = keyframe;
  return standIn({ from: 1, to: seq, before: '', last: '', time: '', keyframe, ...nobody });
}
