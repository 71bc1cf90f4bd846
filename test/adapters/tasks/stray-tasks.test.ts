import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { World } from '../../../adapters/pipeline/world.ts';
import { resumeOpenTasks } from '../../../adapters/tasks/resume-open-tasks.ts';
import { StrayTasks } from '../../../adapters/tasks/stray-tasks.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { RunnerGround, settled } from './runner-ground.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const unknown = new PloinkyError('LOG_WRITE_FAILED', 'scripted');

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('what could not be stored for sure is looked at, and again once the log can be written', () => {
  const takeUp = vi.fn(async () => {});
  const strays = new StrayTasks(takeUp, silent);
  strays.notStored(unknown);
  strays.notStored(unknown);
  vi.advanceTimersByTime(1_000);
  expect(takeUp).toHaveBeenCalledTimes(1);
  strays.committed();
  strays.committed();
  vi.advanceTimersByTime(1_000);
  expect(takeUp).toHaveBeenCalledTimes(2);
  strays.committed();
  vi.advanceTimersByTime(60_000);
  expect(takeUp).toHaveBeenCalledTimes(2);
});

test('a refusal of the log leaves nothing behind', () => {
  const takeUp = vi.fn(async () => {});
  const strays = new StrayTasks(takeUp, silent);
  strays.notStored(new PloinkyError('EVENT_INVALID', 'scripted'));
  strays.notStored(new Error('scripted'));
  strays.committed();
  vi.advanceTimersByTime(60_000);
  expect(takeUp).not.toHaveBeenCalled();
});

test('a log that still cannot be written is waited for', async () => {
  const takeUp = vi.fn(async () => {}).mockRejectedValueOnce(unknown);
  const strays = new StrayTasks(takeUp, silent);
  strays.notStored(unknown);
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(takeUp).toHaveBeenCalledTimes(2);
});

test('nothing is looked at once the server stops', () => {
  const takeUp = vi.fn(async () => {});
  const strays = new StrayTasks(takeUp, silent);
  strays.notStored(unknown);
  strays.close();
  strays.committed();
  vi.advanceTimersByTime(60_000);
  expect(takeUp).not.toHaveBeenCalled();
});

test('a task whose outcome was lost with a failed write gets one; what is under way is left alone', async () => {
  const ground = new RunnerGround();
  const world = { views: ground.story.views, now: () => ground.story.clock, logger: silent } as unknown as World;
  const lost = await ground.accept('lost');
  const running = await ground.accept('running');
  ground.beforeAppend = async () => {
    throw unknown;
  };
  ground.handed[0]?.end('done');
  await expect(lost.outcome).rejects.toMatchObject({ code: 'LOG_WRITE_FAILED' });
  ground.beforeAppend = async () => {};
  await resumeOpenTasks(world, ground.runner);
  // Whether its agent has it this world cannot say, and guesses nothing.
  expect(ground.typesOf(lost.taskId)).toEqual(['task.enqueued', 'task.failed']);
  expect(ground.typesOf(running.taskId)).toEqual(['task.enqueued']);
  ground.handed[1]?.end('done');
  await settled();
  expect(ground.typesOf(running.taskId)).toEqual(['task.enqueued', 'task.completed']);
});
