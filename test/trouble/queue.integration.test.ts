import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make();
  await ground.addRepository('own', makeRepository(join(ground.folder, 'r'), ['good', 'programs', 'shell']));
  await Promise.all([
    ground.deployed('/good', 'good', { transport: 'queue' }),
    ground.deployed('/programs', 'programs', { transport: 'queue' }),
    ground.deployed('/shell', 'shell'),
  ]);
});
afterAll(() => ground?.clear());
afterEach(() => ground.answers());

const paths = ['/good', '/shell'];

it('agents are reached over the queue when that is wanted, and when there is nothing else', async () => {
  for (const path of [...paths, '/programs']) {
    const healthy = (await ground.events(path)).find(({ type }) => type === 'container.healthy');
    expect(healthy?.data, path).toMatchObject({ transport: 'queue' });
  }
  expect((await ground.call('/good', 'hello', ['World'])).body).toMatchObject({ data: 'Hello, World!' });
  expect((await ground.call('/shell', 'hello', ['World'])).body).toMatchObject({ data: 'Hello, World!' });
});

it.each([
  ['/good', 'throws', 'HANDLER_FAILED'],
  ['/good', 'noJson', 'HANDLER_FAILED'],
  ['/good', 'nobody', 'COMMAND_NOT_FOUND'],
  ['/programs', 'exit1', 'HANDLER_FAILED'],
  ['/programs', 'killed', 'HANDLER_FAILED'],
  ['/shell', 'fails', 'HANDLER_FAILED'],
  ['/shell', 'nobody', 'COMMAND_NOT_FOUND'],
])('%s/%s ends as %s', async (path, command, code) => {
  const answer = await ground.call(path, command);
  expectProblem(answer, code);
  const last = (await ground.events(path)).filter(({ stream }) => stream === `task:${answer.body.taskId}`).at(-1);
  expect(last).toMatchObject({ type: 'task.failed', data: { outcome: 'failed', problem: { code } } });
});

it('a handler that ends with 1 tells what it said', async () => {
  for (const path of ['/programs/exit1', '/shell/fails']) {
    const { body } = await ground.raw({ method: 'POST', path });
    expect(body.error.details, path).toMatchObject({ code: 1, stderr: expect.stringMatching(/fire|sad/) });
  }
});

it.each([
  ['/good/never', undefined],
  ['/programs/never', undefined],
  ['/shell/slow', ['600', 'late']],
])('%s that never answers ends when its time is up', async (path, params) => {
  const headers = { 'x-task-timeout': '1000', 'content-type': 'application/json' };
  const answer = await ground.raw({ method: 'POST', path, headers, body: JSON.stringify({ params: params ?? [] }) });
  expectProblem(answer, 'TASK_TIMEOUT');
});

it('arguments arrive as they are and never as program text', async () => {
  const wicked = ['$(touch /tmp/x)', '`id`', "'; exit 9; '", '"', '\\', 'two\nlines\n', '*', '-n', 'ä€😀', '%s', ''];
  expect((await ground.call('/good', 'echo', wicked)).body.data).toEqual(wicked);
  expect((await ground.call('/programs', 'echo', wicked)).body.data).toBe(`${wicked.join('|')}|`);
  for (const text of wicked) {
    expect((await ground.call('/shell', 'hello', [text])).body.data, text).toBe(`Hello, ${text}!`);
  }
});

it('large arguments and results pass', async () => {
  const long = 'q'.repeat(100_000);
  expect((await ground.call('/good', 'echo', [long])).body.data).toEqual([long]);
  const { body } = await ground.call('/shell', 'slow', ['0', long]);
  expect(body.data).toBe(long);
});

it.each([
  ['/good', 100],
  ['/shell', 20],
])('many calls at once of %s are all answered', async (path, count) => {
  const names = [...Array(count).keys()].map((i) => `n${i}`);
  const answers = await Promise.all(names.map((name) => ground.call(path, 'hello', [name])));
  expect(answers.map(({ body }) => body.data)).toEqual(names.map((name) => `Hello, ${name}!`));
});

it('nothing is left in the folders of a queue', async () => {
  for (const path of paths) {
    const folder = join(ground.data, 'agents', `localhost-${path.slice(1)}`, '1', 'queue');
    await eventually(`an empty queue of ${path}`, 10, async () => {
      const left = ['tasks', 'results', 'errors', 'locks', 'urgent'].flatMap((name) => readdirSync(join(folder, name)));
      if (left.length > 0) throw new Error(left.join());
      return true;
    });
  }
});

describe('a kill -9 of the server in the middle of calls', () => {
  it('loses nothing: the next start finds the results', async () => {
    const taskIds = await killedDuring([
      ['/good', 'count', ['killed', 1_500]],
      ['/shell', 'slow', ['1.5', 'killed']],
    ]);
    await ground.server.start();
    for (const taskId of taskIds) {
      expect(await ground.outcomeOf(taskId)).toMatchObject({ type: 'task.completed', data: { data: 'killed' } });
    }
    expect((await ground.call('/good', 'runs')).body.data.killed).toBe(1);
    for (const path of paths) {
      await ground.happened(path, 'container.adopted');
      expect((await ground.events(path)).map(({ type }) => type)).not.toContain('container.restarted');
    }
  });

  it('whose agents die as well ends them honestly', async () => {
    const taskIds = await killedDuring([
      ['/good', 'never', []],
      ['/shell', 'slow', ['600', 'x']],
    ]);
    for (const path of paths) for (const pid of pidsOf(path)) killIfThere(pid);
    await ground.server.start();
    for (const taskId of taskIds) {
      expect(await ground.outcomeOf(taskId)).toMatchObject({
        type: 'task.failed',
        data: { outcome: 'unknown', problem: { code: 'TASK_OUTCOME_UNKNOWN' } },
      });
    }
    await Promise.all(paths.map((path) => ground.comesBack(path)));
  });

  /** Ids of the tasks, all of which had reached their agents. */
  async function killedDuring(calls: readonly (readonly [string, string, readonly unknown[]])[]): Promise<string[]> {
    const taskIds: string[] = [];
    const answers: Promise<unknown>[] = [];
    for (const [path, command, params] of calls) {
      const from = await ground.head();
      answers.push(ground.call(path, command, params).catch(() => {}));
      const taskId = await ground.enqueuedAfter(from);
      const folder = join(ground.data, 'agents', `localhost-${path.slice(1)}`, '1', 'queue', 'locks');
      await eventually('the claim of the task', 10, async () =>
        readdirSync(folder).includes(taskId) ? true : undefined,
      );
      taskIds.push(taskId);
    }
    await ground.server.kill();
    await Promise.all(answers);
    return taskIds;
  }
});

it('undeployed, a queue and its programs are gone', async () => {
  for (const path of paths) {
    await ground.undeploy(path);
    await ground.nothingHalfMade(path);
  }
});

/** A shell's short-lived children may be gone by now. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Everything that runs for the deployment. */
function pidsOf(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
        const ours = environment.some((entry) => entry.startsWith(`CODE_DIR=${ground.data}`));
        return ours && environment.includes(`PLOINKY_PATH=${path}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
