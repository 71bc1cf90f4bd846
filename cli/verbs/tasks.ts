import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { AnswerTo, ArgsOf } from '../../history/questions.ts';
import type { Invocation, Options } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { counted } from '../terminal/bar.ts';
import { jsonText } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { block, bold, cyan, dim, green, joinText, type Piece, red, type Text, t } from '../terminal/text.ts';

export type TaskRow = AnswerTo<'tasks'>['tasks'][number];
type Task = AnswerTo<'task'>;

/** What fits is not spread over lines. */
const oneLineLetters = 80;
const statuses = ['open', 'completed', 'failed', 'timedOut', 'cancelled'] as const;

/** `cloud tasks` */
export async function listTasks({ session, options }: Invocation): Promise<void> {
  const answer = await ask(session, options.text('dir'), 'tasks', taskFilter(options));
  if (answer.deleted > 0 && !session.out.json) {
    session.out.note(
      dim(`${counted(answer.deleted, 'task event')} of that time were deleted; their calls are not shown.`),
    );
  }
  const text = session.out.json || answer.tasks.length === 0 ? t`` : await rows(answer.tasks);
  if (answer.tasks.length === 0 && !session.out.json) session.out.note(t`No such tasks.`);
  else session.out.result(answer, () => text);
}

/** `cloud tasks show <id>` */
export async function showTask({ session, args: [id = ''], options }: Invocation): Promise<void> {
  const answer = await ask(session, options.text('dir'), 'task', { id });
  session.out.result(answer, () => taskText(answer));
}

/** @throws PloinkyError USAGE */
export function taskFilter(options: Options): ArgsOf<'tasks'> {
  const status = options.text('status');
  const known = statuses.find((one) => one === status);
  if (status !== undefined && known === undefined) {
    throw new PloinkyError('USAGE', `--status takes ${statuses.join(', ')}, not ${JSON.stringify(status)}.`);
  }
  const limit = options.text('limit');
  if (limit !== undefined && !/^[1-9]\d{0,4}$/.test(limit)) {
    throw new PloinkyError('USAGE', `--limit takes a number from 1 to 10000, not ${JSON.stringify(limit)}.`);
  }
  const texts: Record<string, string> = {};
  for (const name of ['deployment', 'command', 'user', 'since', 'until'] as const) {
    const value = options.text(name);
    if (value !== undefined) texts[name] = value;
  }
  return {
    ...texts,
    ...(known === undefined ? {} : { status: known }),
    ...(limit === undefined ? {} : { limit: Math.min(Number(limit), 10_000) }),
  };
}

function rows(tasks: readonly TaskRow[]): Promise<Text> {
  const head: Piece[] = ['when', 'task', 'release', 'command', 'user', 'status', 'took'].map(dim);
  const lines = tasks.map((task): Piece[] => [
    dim(shortTime(task.time)),
    task.taskId,
    `${task.deployment}#${task.release}`,
    task.command,
    task.user,
    statusText(task.status),
    task.durationMs === null ? '' : tookText(task.durationMs),
  ]);
  return table([head, ...lines], { indent: '', right: [6] });
}

function taskText(task: Task): Text {
  const { source } = task;
  const urgency = task.priority === 'normal' ? '' : `, ${task.priority}`;
  const lines = [
    t`${bold(task.taskId)}  ${statusText(task.status)}`,
    t`  Called      ${task.command} of ${task.deployment}#${task.release}`,
    t`  By          ${task.actor}, for ${task.user}${urgency}`,
    t`  When        ${shortTime(task.enqueuedAt)}${task.endedAt === null ? '' : ` to ${shortTime(task.endedAt)}`}${
      task.durationMs === null ? '' : `, ${tookText(task.durationMs)}`
    }`,
    t`  Commit      ${source === null ? 'unknown' : `${source.commit.slice(0, 8)} "${source.subject}" of ${source.repository}`}`,
    t`  Container   ${task.container ?? (task.status === 'open' ? 'none yet: it waits for its turn' : 'none: it did not have its turn')}`,
    t`  Parameters  ${json(task.params)}`,
  ];
  if (task.outcome?.success) lines.push(t`  Result      ${json(task.outcome.data)}`);
  else if (task.outcome) {
    lines.push(t`  Problem     ${red(task.outcome.code)} ${block(indented(task.outcome.message))}`);
    if (task.hint !== null) lines.push(t`              ${dim(task.hint)}`);
    if (task.outcome.details != null) lines.push(t`  Details     ${json(task.outcome.details)}`);
  }
  lines.push(t`  Events`);
  const seqs = new Map(task.events.map(({ id, seq }) => [id, seq]));
  for (const { seq, time, type, actor, cause } of task.events) {
    const from = cause === null ? '' : `  ← ${seqs.get(cause) ?? cause}`;
    lines.push(t`    ${dim(shortTime(time))} ${String(seq).padStart(6)}  ${cyan(type)}  ${dim(`${actor}${from}`)}`);
  }
  return joinText(lines);
}

export function statusText(status: TaskRow['status']): Text {
  if (status === 'completed') return green(status);
  return status === 'open' ? cyan(status) : red(status);
}

function json(value: unknown): Text {
  const short = jsonText(value);
  return block(short.length <= oneLineLetters ? short : indented(jsonText(value, 2)));
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n              ');
}

export function shortTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, '');
}

function tookText(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
