import type { EventEnvelope } from '../../core/events/envelope.ts';
import { Store } from '../../core/kernel/store.ts';
import { type Keyframe, standIn } from '../../core/log/gap.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { tasks } from '../../projections/tasks.ts';
import { usage } from '../../projections/usage.ts';

/** The projections that read task events: all that deletion takes something from. */
const projections = { tasks, usage };

const chunk = 1_000;

/** What the projections of task events come to after event `seq`, told on from the last keyframe. */
export async function keyframeAt(log: LevelLog, seq: number): Promise<Keyframe> {
  const store = new Store<Record<keyof typeof projections, ReadonlyMap<string, object>>>(projections);
  const former = await log.segments.keyframe();
  if (former && former.seq <= seq) store.replay([upTo(former)]);
  let events: EventEnvelope[] = [];
  for await (const event of log.read({ from: store.seq + 1, to: seq })) {
    events.push(event);
    if (events.length < chunk) continue;
    store.replay(events);
    events = [];
  }
  store.replay(events);
  for (const problem of store.stopped.values()) throw problem;
  const entries = Object.entries(projections).map(([name, { version }]) => {
    return [name, { version, entities: [...store.views[name as keyof typeof projections]] }] as const;
  });
  return { seq, projections: Object.fromEntries(entries) };
}

/** Everything before a keyframe, as if all of it had been deleted. */
function upTo(keyframe: Keyframe): EventEnvelope {
  const nobody = { segment: 1, deletion: { seq: 0, time: '', reason: '' } };
  const { seq } = keyframe;
  return standIn({ from: 1, to: seq, before: '', last: '', time: '', keyframe, ...nobody });
}
