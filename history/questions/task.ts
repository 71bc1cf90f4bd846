import { Type } from 'typebox';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Past } from '../past.ts';
import { defineQuestion } from '../question.ts';
import { type Assigned, asWholeAsPossible, outcomeOf, recordedTask, statusOf } from '../recorded-task.ts';

/** Everything that the log has of one call. */
export const task = defineQuestion({
  summary: 'One call of an agent: what it was given, what came of it, what ran it, and what led to it.',
  args: Type.Object({ id: Type.String({ minLength: 1, maxLength: 200, description: 'of the task' }) }),
  async answer(past, { id }) {
    const { events, enqueued, end } = await recordedTask(past, id);
    const { deployment, command, params, runForUserId, timeoutMs, ...asked } = (await asWholeAsPossible(past, enqueued))
      .data;
    const assigned = events.findLast(({ type }) => type === 'task.assigned') as Assigned | undefined;
    const { release, container } = assigned?.data ?? asked;
    const source = await sourceOf(past, releaseId(deployment, release));
    return {
      taskId: id,
      status: statusOf(end),
      deployment,
      release,
      /** What the release was made of; null when the log says nothing of it. */
      source,
      container,
      command,
      params,
      user: runForUserId,
      timeoutMs,
      /** Absent in events from before there were any. */
      priority: asked.priority ?? 'normal',
      callback: asked.callback ?? null,
      enqueuedAt: enqueued.time,
      endedAt: end?.time ?? null,
      durationMs: end?.data.durationMs ?? null,
      outcome: end && outcomeOf(await asWholeAsPossible(past, end)),
      hint: end?.type === 'task.failed' ? end.data.problem.hint : null,
      actor: enqueued.actor,
      trace: enqueued.trace,
      /** Ids from what happened last back to what the outside asked for. */
      causes: [...events.map((event) => event.id).toReversed(), ...(enqueued.cause === null ? [] : [enqueued.cause])],
      events: events.map(({ seq, id: eventId, time, type, actor, cause }) => {
        return { seq, id: eventId, time, type, actor, cause };
      }),
    };
  },
});

async function sourceOf(past: Past, release: string) {
  for await (const event of past.log.read({ stream: `release:${release}`, types: ['release.sourceResolved'] })) {
    const { repository, branch, commit, subject } = (event as Extract<PloinkyEvent, { type: 'release.sourceResolved' }>)
      .data;
    return { repository, branch, commit, subject };
  }
  return null;
}
