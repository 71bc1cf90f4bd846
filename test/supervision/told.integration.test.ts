import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SamplesAnswer } from '../../cli/top/samples-answer.ts';
import { PseudoTerminal, terminalLack } from '../cli/replay/pseudo-terminal.ts';
import { eventually } from '../crash/operator.ts';
import { itNeeding } from '../durability/needs.ts';
import { Ground } from '../trouble/ground.ts';
import { makeSupervised } from './agents.ts';
import { loggedIn } from './logged-in.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make({ settings: { agentStartTimeoutMs: 10_000, 'metrics.sampleEveryMs': 1_000 } });
  await ground.addRepository('own', makeSupervised(join(ground.folder, 'r')));
});
afterAll(() => ground?.clear());

it('scale of a deployment that stays down ends with that, with why, and with what brings it up', async () => {
  await ground.deployed('/once', 'once');
  await ground.call('/once', 'leave', [3]);
  await ground.happened('/once', 'container.exited');
  await loggedIn(ground, async (desk) => {
    const { exit, stdout, stderr } = await desk.run(['cloud', 'scale', 'localhost', '/once', '2']);
    expect([exit, stdout]).toEqual([4, '']);
    expect(stderr).toContain('exited with code 3');
    expect(stderr).toContain('"restart": "never"');
    expect(stderr).toContain('p-cli cloud deploy');
    // The other one was started all the same, and answers.
    expect((await ground.call('/once', 'hello', ['you'])).body.data).toBe('Hello, you!');
    const why = await desk.run(['cloud', 'why', 'localhost/once']);
    expect(why.stderr).toContain('is down (exited with code 3');
    expect(why.stderr).toContain('What became of it since: p-cli cloud why ploinky-localhost-once-');
    const top: SamplesAnswer = JSON.parse((await desk.run(['cloud', 'top', 'localhost/once', '--json'])).stdout);
    expect(top.down).toMatchObject([
      { replica: 1, condition: { state: 'down', reason: expect.stringContaining('exited with code 3') } },
    ]);
    expect(top.containers.filter(({ replica }) => replica === 1)).toEqual([]);
  });
  await ground.undeploy('/once');
});

describe('top', () => {
  const measured = async (path: string) => {
    await ground.deployed(path, 'plain');
    // Use of the processor is known from the second look on.
    await eventually(`figures of ${path}`, 45, async () => {
      const { body } = await ground.operator.request('GET', '/management/api/samples');
      const known = (body as SamplesAnswer).containers.filter(({ cpuPercent }) => cpuPercent !== null);
      return known.some(({ deployment }) => deployment === `localhost${path}`) || undefined;
    });
  };

  it('with --json is what the containers use, for programs', async () => {
    await measured('/used');
    await loggedIn(ground, async (desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'top', '--json']);
      expect([exit, stderr]).toEqual([0, '']);
      const { everyMs, containers }: SamplesAnswer = JSON.parse(stdout);
      expect(everyMs).toBeGreaterThan(0);
      const used = containers.find(({ deployment }) => deployment === 'localhost/used');
      expect(used).toMatchObject({ release: 1, replica: 1, status: 'healthy', restarts: 0 });
      expect(used?.cpuPercent).toBeGreaterThanOrEqual(0);
      expect(used?.memoryBytes).toBeGreaterThan(1_000_000);
      expect(Date.parse(used?.time ?? '')).toBeGreaterThan(0);
    });
    await ground.undeploy('/used');
  });

  itNeeding(
    terminalLack(),
    'at a terminal is drawn anew until q, and leaves the terminal as it was',
    60_000,
    async () => {
      await measured('/seen');
      await loggedIn(ground, async (desk) => {
        const terminal = new PseudoTerminal(desk.folder, ['cloud', 'top']);
        try {
          await terminal.shows('DEPLOYMENT');
          await terminal.shows('localhost/seen');
          await ground.undeploy('/seen');
          await ground.deployed('/next', 'plain');
          await terminal.shows('localhost/next');
          terminal.press('q');
          const rest = await terminal.ended();
          expect(rest).toContain('exit 0');
          expect(rest).toContain('restored');
        } finally {
          terminal.kill();
        }
      });
      await ground.undeploy('/next');
    },
  );
});
