import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itNeeding } from '../../durability/needs.ts';
import { callAgent, folderOf, twoReleases } from '../../history/recorded.ts';
import { Ground } from '../../trouble/ground.ts';
import { Desk } from '../desk.ts';
import { PseudoTerminal, terminalLack } from '../replay/pseudo-terminal.ts';

describe('tasks of a folder', () => {
  const withFolder = (work: (desk: Desk) => Promise<void>) =>
    Desk.use(async (desk) => {
      const story = twoReleases();
      callAgent(story, 'odd', ['\u001b[31m'], { data: 1 }, 'paint');
      await folderOf(desk, story);
      await work(desk);
    });

  it('are a table, the newest last', () =>
    withFolder(async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'tasks', '--dir', 'srv']);
      expect(exit).toBe(0);
      const lines = stdout.trim().split('\n');
      expect(lines[0]).toMatch(/^when +task +release +command +user +status +took$/);
      expect(lines[1]).toMatch(/t1 +localhost\/demo#1 +hello +ann +completed +20 ms$/);
      expect(lines[3]).toMatch(/t3 +localhost\/demo#2 +hello +ann +open$/);
    }));

  it('are filtered', () =>
    withFolder(async (desk) => {
      const run = (...argv: string[]) => desk.run(['cloud', 'tasks', '--dir', 'srv', '--json', ...argv]);
      const idsOf = (text: string) => JSON.parse(text).tasks.map(({ taskId }: { taskId: string }) => taskId);
      expect(idsOf((await run('--status', 'failed')).stdout)).toEqual(['t2']);
      expect(idsOf((await run('--command', 'paint')).stdout)).toEqual(['odd']);
      expect(idsOf((await run('--limit', '2')).stdout)).toEqual(['t3', 'odd']);
      expect((await run('--status', 'lost')).stderr).toContain('--status takes open, completed');
      expect((await run('--limit', '0')).stderr).toContain('--limit takes a number');
      const none = await desk.run(['cloud', 'tasks', '--dir', 'srv', '--user', 'bob']);
      expect([none.exit, none.stdout, none.stderr]).toEqual([0, '', 'No such tasks.\n']);
    }));

  it('are shown one by one', () =>
    withFolder(async (desk) => {
      const { stdout } = await desk.run(['cloud', 'tasks', 'show', 't2', '--dir', 'srv']);
      expect(stdout).toContain('t2  failed\n  Called      hello of localhost/demo#2\n');
      expect(stdout).toContain('  Commit      aaaaaaaa "s" of PloinkyDemo\n');
      expect(stdout).toContain('  Problem     TASK_FAILED no luck\n');
      const odd = await desk.run(['cloud', 'tasks', 'show', 'odd', '--dir', 'srv']);
      expect(odd.stdout).not.toContain('\u001b[31m');
      const json = await desk.run(['cloud', 'tasks', 'show', 't1', '--dir', 'srv', '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({ params: ['World'], outcome: { data: 'Hello, World!' } });
      const unknown = await desk.run(['cloud', 'tasks', 'show', 't9', '--dir', 'srv']);
      expect([unknown.exit, unknown.stdout]).toEqual([5, '']);
      expect(unknown.stderr).toContain('The log knows no task "t9".');
    }));
});

describe('tasks replay', () => {
  let ground: Ground;
  let begin = 0;

  beforeAll(async () => {
    ground = await Ground.make();
    await ground.deployed('/demo', 'demo');
    await ground.deployed('/twin', 'demo');
    await ground.deployed('/green', 'demo', { environment: { GREETING: 'Hi' } });
    begin = (await ground.head()) + 1;
    await ground.call('/demo', 'hello', ['Ann']);
    await ground.call('/demo', 'add', ['1', '2']);
    await ground.call('/demo', 'fail', ['on purpose']);
    await ground.call('/demo', 'echo', ['x'.repeat(10_000)]);
    await ground.call('/demo', 'whoami');
  });

  afterAll(() => ground.clear());

  const withDesk = (work: (desk: Desk) => Promise<void>) =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: ground.server.url });
      const { exit, stderr } = await desk.run(['cloud', 'login', ground.operator.apiKey]);
      if (exit !== 0) throw new Error(stderr);
      await work(desk);
    });
  const replay = (desk: Desk, ...argv: string[]) => {
    const window = ['--from', String(begin), '--to', String(begin + 9)];
    return desk.run(['cloud', 'tasks', 'replay', ...window, ...argv]);
  };
  const taskEvents = (from: number) => ground.operator.history(`type=task.*&from=${from}&limit=1000`);

  it('finds a deployment of the same commit and configuration the same, and leaves past tasks as they are', () =>
    withDesk(async (desk) => {
      const before = await taskEvents(begin);
      const { exit, stdout, stderr } = await replay(desk, '--against', 'localhost/twin', '--yes');
      expect(exit, stdout + stderr).toBe(0);
      expect(stdout).toContain('✓ 5 tasks against localhost/twin: 5 same');
      const after = await taskEvents(begin);
      expect(after.slice(0, before.length)).toEqual(before);
      const made = after.slice(before.length).filter(({ type }) => type === 'task.enqueued');
      expect(made.map(({ data }) => (data as { deployment: string }).deployment)).toEqual(
        Array(5).fill('localhost/twin'),
      );
    }));

  it('runs for the user that the past task ran for', () =>
    withDesk(async (desk) => {
      const past = (await taskEvents(begin)).find(
        ({ type, data }) => type === 'task.enqueued' && (data as { command: string }).command === 'whoami',
      );
      const { stdout } = await replay(desk, '--against', '/twin', '--command', 'whoami', '--yes', '--json');
      const [one] = JSON.parse(stdout).tasks;
      expect(past?.data).toMatchObject({ runForUserId: one.again.data });
    }));

  it('shows where another configuration answers differently, and ends with 1', () =>
    withDesk(async (desk) => {
      const { exit, stdout } = await replay(desk, '--against', 'localhost/green', '--yes');
      expect(exit).toBe(1);
      expect(stdout).toContain('data  "Hello, Ann!" → "Hi, Ann!"');
      expect(stdout).toContain('✗ 5 tasks against localhost/green: 4 same, 1 different');
      const json = await replay(desk, '--against', 'localhost/green', '--command', 'hello', '--yes', '--json');
      expect(JSON.parse(json.stdout)).toMatchObject({
        same: 0,
        different: 1,
        tasks: [{ verdict: 'different', past: { data: 'Hello, Ann!' }, again: { data: 'Hi, Ann!' } }],
      });
    }));

  itNeeding(terminalLack(), 'does nothing where a person says no', 60_000, () =>
    withDesk(async (desk) => {
      const before = await ground.head();
      const window = ['--from', String(begin), '--to', String(begin + 9)];
      const argv = ['cloud', 'tasks', 'replay', ...window, '--against', 'localhost/twin'];
      const terminal = new PseudoTerminal(desk.folder, argv);
      try {
        await terminal.shows('Call localhost/twin 5 times?');
        terminal.press('n');
        await terminal.shows('exit 1');
        await terminal.ended();
      } finally {
        terminal.kill();
      }
      expect(await ground.askedSince(before)).toEqual([]);
    }),
  );

  it('asks first, and says what it cannot do', () =>
    withDesk(async (desk) => {
      const before = await ground.head();
      const unasked = await replay(desk, '--against', 'localhost/twin');
      expect(unasked.exit).toBe(1);
      expect(unasked.stderr).toContain('Call localhost/twin 5 times? Its agent really runs');
      const nowhere = await replay(desk, '--against', 'localhost/nowhere', '--yes');
      expect([nowhere.exit, nowhere.stdout]).toEqual([5, '']);
      expect(nowhere.stderr).toContain('localhost/nowhere');
      expect((await desk.run(['cloud', 'tasks', 'replay', '--against', 'x'])).stderr).toContain('Say with --from');
      expect((await desk.run(['cloud', 'tasks', 'replay', '--from', '1'])).stderr).toContain('Say with --against');
      expect(await ground.askedSince(before)).toEqual([]);
    }));
});
