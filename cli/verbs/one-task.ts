import { setTimeout as pause } from 'node:timers/promises';
import type { Invocation } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { block, bold, cyan, green, joinText, red, type Text, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

/** What the address of a task answers. */
interface TaskView {
  readonly taskId: string;
  readonly state: 'waiting' | 'running' | 'completed' | 'failed' | 'timedOut' | 'cancelled';
  readonly deployment: string;
  readonly command: string;
  readonly acceptedAt: string;
  readonly endedAt: string | null;
  readonly expires: string | null;
  readonly success?: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null };
}

/** One request waits so many seconds; then it is asked again, so that nothing between here and there gives up. */
const waitSeconds = 25;
const restMs = 250;

/** `cloud task <id>` */
export async function oneTask({ session, args: [id = ''], options }: Invocation): Promise<number> {
  const api = await session.api();
  const address = `/client/tasks/${encodeURIComponent(id)}`;
  if (options.flag('cancel')) await api.json<TaskView>('DELETE', address);
  const task = options.flag('wait')
    ? await waiting(session, `${id} has no outcome yet`, ended(api, address))
    : await api.json<TaskView>('GET', address);
  const exit = tell(session, task);
  return options.flag('cancel') && task.state === 'cancelled' ? 0 : exit;
}

/** `cloud tasks cancel <id>` */
export async function cancelTask({ session, args: [id = ''] }: Invocation): Promise<void> {
  const api = await session.api();
  tell(session, await api.manage<TaskView>('DELETE', `tasks/${encodeURIComponent(id)}`));
}

async function ended(api: Api, address: string): Promise<TaskView> {
  for (;;) {
    const task = await api.json<TaskView>('GET', address, {
      headers: { prefer: `wait=${waitSeconds}` },
      timeoutMs: (waitSeconds + 10) * 1_000,
    });
    if (task.endedAt !== null) return task;
    // A server that is not at it, such as one on a copy of the log, answers at once.
    await pause(restMs);
  }
}

function tell(session: Session, task: TaskView): number {
  session.out.result(task, () => taskText(task));
  return task.success === false ? 1 : 0;
}

function taskText({ taskId, state, deployment, command, data, success, error, expires }: TaskView): Text {
  const shown = success === undefined ? cyan(state) : success ? green(state) : red(state);
  const lines = [t`${bold(taskId)}  ${shown}`, t`  Called   ${command} of ${deployment}`];
  if (success === true) lines.push(t`  Result   ${block(jsonText(data))}`);
  if (error) lines.push(t`  Problem  ${red(error.code)} ${block(error.message)}`);
  if (error?.hint) lines.push(t`  → ${error.hint}`);
  if (expires !== null) lines.push(t`  Kept     until ${expires} at least`);
  return joinText(lines);
}
