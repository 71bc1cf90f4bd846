import { Type } from 'typebox';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { deploymentId, parseDomain, parsePath } from '../../core/names/names.ts';
import { parseMoment } from '../moment.ts';
import type { Past } from '../past.ts';
import { type TaskRow, tasksNewestFirst } from '../past-tasks.ts';
import { defineQuestion } from '../question.ts';
import { MomentText } from './schemas.ts';

const Status = Type.Union([
  Type.Literal('open'),
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('timedOut'),
  Type.Literal('cancelled'),
]);

/** Open and past calls. */
export const tasks = defineQuestion({
  summary: 'Calls of agents, open and past, the newest last.',
  args: Type.Object({
    deployment: Type.Optional(
      Type.String({ minLength: 1, maxLength: 1_200, description: 'for example localhost/demo, or /demo' }),
    ),
    status: Type.Optional(Status),
    command: Type.Optional(Type.String({ maxLength: 100 })),
    user: Type.Optional(Type.String({ maxLength: 200, description: 'for whom it ran' })),
    since: Type.Optional(MomentText('accepted from then on')),
    until: Type.Optional(MomentText('accepted until then')),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 10_000, description: 'at most so many, the newest; default 50' }),
    ),
  }),
  async answer(past, { deployment, status, command, user, since, until, limit = 50 }) {
    const id = deployment === undefined ? undefined : deploymentNamed(deployment);
    const from = since === undefined ? 1 : await beginOf(past, since);
    const to = until === undefined ? past.head().seq : await past.find(until);
    const found: TaskRow[] = [];
    let deleted = 0;
    const rows = tasksNewestFirst(past, from, to, ({ count }) => {
      deleted += count;
    });
    for await (const row of rows) {
      if (id !== undefined && row.deployment !== id) continue;
      if (status !== undefined && row.status !== status) continue;
      if (command !== undefined && row.command !== command) continue;
      if (user !== undefined && row.user !== user) continue;
      found.push(row);
      if (found.length >= limit) break;
    }
    /** Events among those read that were deleted: calls may be missing. */
    return { tasks: found.reverse(), deleted };
  },
});

/** A number begins with that event, a time after everything that was before it. */
async function beginOf(past: Past, since: string): Promise<number> {
  const counted = parseMoment(since, 0).kind !== 'time';
  try {
    const seq = await past.find(since);
    return counted ? seq : seq + 1;
  } catch (error) {
    if (!counted && isPloinkyError(error, 'MOMENT_UNKNOWN')) return 1;
    throw error;
  }
}

function deploymentNamed(text: string): string {
  const slash = text.indexOf('/');
  const domain = slash < 0 ? text : text.slice(0, slash);
  return deploymentId(
    parseDomain(domain === '' ? 'localhost' : domain),
    parsePath(slash < 0 ? '/' : text.slice(slash)),
  );
}
