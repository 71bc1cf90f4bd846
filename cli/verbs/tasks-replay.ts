import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { ask } from '../history/ask.ts';
import { changeLines } from '../history/change-lines.ts';
import type { Session } from '../session.ts';
import { type Replayed, replayTasks } from '../tasks/replay-tasks.ts';
import { confirmed } from '../terminal/ask.ts';
import { counted } from '../terminal/bar.ts';
import { Progress } from '../terminal/progress.ts';
import { cross, dim, joinText, type Text, t, tick } from '../terminal/text.ts';
import type { TaskRow } from './tasks.ts';

const mostChanges = 10;
const usualLimit = 1_000;

/** `cloud tasks replay` */
export async function replayPastTasks({ session, options }: Invocation): Promise<number> {
  const from = options.text('from');
  const against = options.text('against');
  if (from === undefined) throw new PloinkyError('USAGE', 'Say with --from which moment the tasks begin at.');
  if (against === undefined) throw new PloinkyError('USAGE', 'Say with --against which deployment is called.');
  const limit = options.text('limit') ?? String(usualLimit);
  if (!/^[1-9]\d{0,3}$|^10000$/.test(limit)) {
    throw new PloinkyError('USAGE', `--limit takes a number from 1 to 10000, not ${JSON.stringify(limit)}.`);
  }
  const texts: Record<string, string> = {};
  for (const name of ['command', 'deployment'] as const) {
    const value = options.text(name);
    if (value !== undefined) texts[name] = value;
  }
  // The end is fixed now: what the replay itself calls is no past task.
  const { seq: until } = await ask(session, undefined, 'moment', { at: options.text('to') ?? 'head' });
  const found = await ask(session, undefined, 'tasks', {
    ...texts,
    since: from,
    until: String(until),
    limit: Number(limit),
  });
  const ended = found.tasks.filter(({ status }) => status !== 'open');
  const open = found.tasks.length - ended.length;
  if (open > 0) session.out.note(t`${counted(open, 'task')} without an outcome left out.`);
  if (ended.length === 0) {
    if (session.out.json)
      session.out.result({ against, tasks: [], same: 0, different: 0, failed: 0, refused: 0 }, () => t``);
    else session.out.note(t`No such tasks.`);
    return 0;
  }
  const question = `Call ${against} ${ended.length === 1 ? 'once' : `${ended.length} times`}? Its agent really runs, with all that it does.`;
  if (!options.flag('yes') && !(await confirmed(session, question))) return 1;
  return perform(session, ended, against);
}

async function perform(session: Session, tasks: readonly TaskRow[], against: string): Promise<number> {
  const progress = new Progress(session.out, session.surroundings);
  const done: Replayed[] = [];
  try {
    progress.begin('Tasks');
    for await (const one of replayTasks(await session.api(), tasks, against, session.surroundings.signal)) {
      done.push(one);
      progress.at(`${done.length} of ${tasks.length}`);
    }
    progress.done(`${done.length} of ${tasks.length}`);
  } finally {
    progress.close();
  }
  // In the order in which they were called then.
  done.sort((a, b) => a.task.seq - b.task.seq);
  const count = (verdict: Replayed['verdict']) => done.filter((one) => one.verdict === verdict).length;
  const counts = {
    same: count('same'),
    different: count('different'),
    failed: count('failed'),
    refused: count('refused'),
  };
  session.out.result({ against, ...counts, tasks: done }, () => {
    const parts = Object.entries(counts).flatMap(([name, n]) => (n > 0 || name === 'same' ? [`${n} ${name}`] : []));
    const mark = counts.same === done.length ? tick : cross;
    return joinText([
      ...done.flatMap(lines),
      t`${mark} ${counted(done.length, 'task')} against ${against}: ${parts.join(', ')}`,
    ]);
  });
  return counts.same === done.length ? 0 : 1;
}

function lines({ task, verdict, taskId, changes, again }: Replayed): Text[] {
  const head = t`${verdict === 'same' ? tick : cross} ${task.taskId}  ${task.deployment}#${task.release} ${task.command} for ${task.user}  ${verdict}`;
  const problem =
    again && !again.success && verdict !== 'same'
      ? [t`    ${again.code}: ${again.message.split('\n', 1)[0] ?? ''}`]
      : [];
  const differences = verdict === 'different' ? changeLines(changes, mostChanges).map((line) => t`    ${line}`) : [];
  const number = taskId === null ? t`` : dim(`  → ${taskId}`);
  return [t`${head}${number}`, ...(verdict === 'different' ? [] : problem), ...differences];
}
