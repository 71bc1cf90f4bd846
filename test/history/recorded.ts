import { join } from 'node:path';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { NewEvent } from '../../core/events/envelope.ts';
import { createLevelLog } from '../../core/log/level-log.ts';
import type { EventLog } from '../../core/log/log-port.ts';
import { createMemoryLog } from '../../core/log/memory-log.ts';
import type { Desk } from '../cli/desk.ts';
import { settle } from '../scripted-world.ts';
import { deploy, initialized, type Story } from '../story.ts';

/** A cloud with a deployment that serves its second release, and three tasks: answered, failed, open. */
export function twoReleases(): Story {
  const story = initialized();
  story.ask(deploy());
  settle(story, () => true);
  callAgent(story, 't1', ['World'], { data: 'Hello, World!' });
  story.ask(deploy());
  settle(story, () => true);
  callAgent(story, 't2', [{ deep: true }], 'failed');
  callAgent(story, 't3', ['waits'], null);
  return story;
}

/** A task of localhost/demo that was answered, failed, or (null) is still open. */
export function callAgent(
  story: Story,
  taskId: string,
  params: unknown,
  end: { data: unknown } | 'failed' | null,
  command = 'hello',
): void {
  const deployment = 'localhost/demo';
  const release = story.views.deployments.get(deployment)?.routed ?? 1;
  const stream = `task:${taskId}`;
  const container = [...story.views.containers.values()].find((one) => one.release === release)?.name ?? 'gone';
  const asked = { runForUserId: 'ann', timeoutMs: 1_000, priority: 'normal', callback: null } as const;
  const accepted = { taskId, deployment, release, container, bootId: null, command, params };
  story.clock += 1_000;
  story.tell({ type: 'task.enqueued', stream, data: { ...accepted, ...asked } });
  story.clock += 20;
  const ended = { taskId, durationMs: 20, deployment, command };
  if (end === 'failed') {
    const problem = { code: 'TASK_FAILED', message: 'no luck', hint: null };
    story.tell({ type: 'task.failed', stream, data: { ...ended, problem, outcome: 'failed', details: null } });
  } else if (end) story.tell({ type: 'task.completed', stream, data: { ...ended, data: end.data } });
}

/** Events as the log takes them. */
export function newEvents(events: readonly PloinkyEvent[]): NewEvent[] {
  return events.map(({ id, time, type, v, stream, data, actor, cause, trace }) => {
    return { id, time, type, v, stream, data, actor, cause, trace };
  });
}

export async function memoryLogOf(story: Story): Promise<EventLog> {
  const log = createMemoryLog();
  await log.append(newEvents(story.events));
  return log;
}

/** The story as `srv/.ploinky-cloud` below the desk, whose server does not run. Answers that path. */
export async function folderOf(desk: Desk, story: Story): Promise<string> {
  const data = join(desk.folder, 'srv', '.ploinky-cloud');
  await desk.write('srv/.ploinky-cloud/keep', '');
  const log = await createLevelLog({ folder: data, holder: 'test' });
  await log.append(newEvents(story.events));
  await log.close();
  return data;
}

/** One draft for each thing that may be changed by hand. */
export const addDomain = (name: string): PloinkyDraft => ({
  type: 'domain.added',
  stream: `domain:${name}`,
  data: { name },
});
