import type { AnswerTo } from '../../history/questions.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { diffLines } from '../history/diff-lines.ts';
import { EventLines } from '../history/event-line.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, green, joinText, type Piece, red, type Text, t, yellow } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

type Answer = AnswerTo<'diff'>;
type Group = Answer['groups'][number];

/** How many events of one group people get to see; the rest is in `history` and `--json`. */
const mostShown = 20;

/** `cloud diff <a> <b>` */
export async function diff({ session, args, options }: Invocation): Promise<void> {
  const [from = '', to = ''] = args;
  const deployment = options.text('deployment');
  const wish = { from, to, ...(deployment === undefined ? {} : { deployment }) };
  const answer = await waiting(session, 'Compare', ask(session, options.text('dir'), 'diff', wish));
  const groups = await Promise.all(answer.groups.map((group) => groupText(group, answer)));
  const missing = answer.from.missing ?? answer.to.missing;
  if (missing) {
    session.out.note(
      t`${yellow('!')} Task events from ${missing.from} to ${missing.to} were deleted: open tasks and usage are not compared.`,
    );
  }
  session.out.result(answer, () => joinText([headline(answer), ...groups]));
}

function headline({ from, to, groups }: Answer): Text {
  const steps = Math.abs(to.seq - from.seq);
  const events = `${steps} ${steps === 1 ? 'event' : 'events'}`;
  const way = to.seq < from.seq ? `back over ${events}` : events;
  const line = t`${bold(t`${end(from)} → ${end(to)}`)}  ${dim(way)}`;
  return groups.length > 0 ? line : joinText([line, t`Nothing is different.`]);
}

function end({ seq, time }: Answer['from']): string {
  if (time === null) return 'before the first event';
  return `event ${seq} (${time.replace('T', ' ').replace(/\.\d+Z$/, '')})`;
}

async function groupText(group: Group, { from, to, causes }: Answer): Promise<Text> {
  const lines = diffLines(group);
  const rows = lines.map(({ what, before, after }): Piece[] => [
    what,
    t`${before === null ? dim('nothing') : red(before)} → ${after === null ? dim('nothing') : green(after)}`,
  ]);
  const changed =
    rows.length > 0 ? await table(rows) : t`  ${dim('only times and numbers of events; --json has them')}`;
  return joinText([
    t``,
    bold(group.deployment ?? group.kind),
    changed,
    ...eventLines(group, causes, to.seq < from.seq),
  ]);
}

function eventLines({ events, omitted, taskEvents }: Group, causes: Answer['causes'], back: boolean): Text[] {
  const printer = new EventLines(causes);
  const lines = events.map((event) => t`    ${printer.line(event)}`);
  const shown = lines.slice(-mostShown);
  const more = omitted + lines.length - shown.length;
  const calls = taskEvents > 0 ? [dim(`    and ${taskEvents} ${taskEvents === 1 ? 'event' : 'events'} of calls`)] : [];
  if (shown.length === 0 && calls.length === 0) return [];
  const title = back ? '  without' : '  because of';
  const earlier = more > 0 ? [dim(`    … ${more} earlier ${more === 1 ? 'one' : 'ones'}`)] : [];
  return [dim(title), ...earlier, ...shown, ...calls];
}
