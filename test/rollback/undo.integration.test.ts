import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Desk } from '../cli/desk.ts';
import { makeRepository } from '../trouble/agents.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';

let ground: Ground;
let token: string;

const cli = (desk: Desk, ...argv: string[]) =>
  desk.run(['cloud', ...argv], {
    env: { PLOINKY_SERVER_URL: ground.server.url, PLOINKY_AUTH_TOKEN: token },
  });
const last = async (query: string) => (await ground.operator.history(`${query}&limit=1000`)).at(-1);
const undo = (seq: number) => ground.operator.request('POST', '/management/api/undo', { seq });
const greeting = async () => (await ground.call('/demo', 'environment', ['GREETING'])).body.data;

beforeAll(async () => {
  ground = await Ground.make();
  const login = { command: 'login', params: [ground.operator.apiKey] };
  token = (await ground.operator.request('POST', '/auth', login)).body.authorizationToken;
  await ground.addRepository('own', makeRepository(join(ground.folder, 'r'), ['good']));
});
afterAll(() => ground?.clear());

describe('undo', () => {
  it('restores a setting, with an event that names the one it takes back as its cause', () =>
    Desk.use(async (desk) => {
      await ground.operator.set({ lastLogsLines: 77 });
      const changed = await last('type=setting.changed');
      const dry = await cli(desk, 'undo', String(changed?.seq), '--dry-run');
      expect(dry.exit).toBe(0);
      expect(dry.stdout).toMatch(/would store\n {2}setting\.changed {2}.*lastLogsLines/);
      expect((await last('type=setting.changed'))?.seq).toBe(changed?.seq);
      const { exit, stdout } = await cli(desk, 'undo', String(changed?.seq));
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^✓ Undid event \d+: .*lastLogsLines/);
      const restored = await last('type=setting.changed');
      expect(restored).toMatchObject({ data: { name: 'lastLogsLines', previous: 77 }, cause: changed?.id });
    }));

  it('lists what came later and stands in the way', () =>
    Desk.use(async (desk) => {
      await ground.operator.set({ logLevel: 'debug' });
      const first = await last('type=setting.changed');
      await ground.operator.set({ logLevel: 'warn' });
      const second = await last('type=setting.changed');
      const { exit, stderr } = await cli(desk, 'undo', String(first?.seq));
      expect(exit).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`Later events build on it:\\n.* ${second?.seq} {2}setting\\.changed .*logLevel`),
      );
      expect(stderr).toContain(`Undo what came later first: \`p-cli cloud undo ${second?.seq}\``);
      const answer = await undo(first?.seq ?? 0);
      expectProblem(answer, 'UNDO_BLOCKED');
      expect(answer.body.error.details.dependants).toMatchObject([{ seq: second?.seq, type: 'setting.changed' }]);
    }));

  it('of a deploy goes back to what served, and of a removal brings it back', () =>
    Desk.use(async (desk) => {
      await ground.deployed('/demo', 'good', { environment: { GREETING: 'one' } });
      await ground.deployed('/demo', 'good', { environment: { GREETING: 'two' } });
      const requested = await last('type=deployment.requested');
      const { exit, stdout, stderr } = await cli(desk, 'undo', String(requested?.seq), '--reason', 'oops', '--json');
      expect(exit, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        pending: { release: 3 },
        running: { release: 3, target: 1, differences: [] },
      });
      expect(await greeting()).toBe('one');
      expect(await last('type=deployment.requested')).toMatchObject({ cause: requested?.id, data: { reason: 'oops' } });

      await ground.undeploy('/demo');
      const removed = await last('type=deployment.removed');
      const { status, body } = await undo(removed?.seq ?? 0);
      expect(status, JSON.stringify(body)).toBe(200);
      expect(await greeting()).toBe('one');
    }));

  it('of the first deploy ends the deployment', async () => {
    await ground.deployed('/once', 'good');
    const { status } = await undo((await last('type=deployment.requested'))?.seq ?? 0);
    expect(status).toBe(200);
    expect((await ground.state()).deployments['localhost/once']).toMatchObject({ status: 'removed' });
    await ground.nothingHalfMade('/once');
  });

  it('says of what nothing takes back why, and of no event that there is none', async () => {
    const { seq } = (await last('type=repository.synced')) ?? { seq: 0 };
    expectProblem(await undo(seq), 'UNDO_IMPOSSIBLE');
    expectProblem(await undo(1), 'UNDO_IMPOSSIBLE');
    expectProblem(await undo(999_999), 'MOMENT_UNKNOWN');
    expect((await undo(0)).status).toBe(400);
    expect((await undo(1.5)).status).toBe(400);
  });

  it('and a rollback are shown from a folder whose server does not run', () =>
    Desk.use(async (desk) => {
      const changed = await last('type=setting.changed');
      await ground.server.kill('SIGTERM');
      const { dir } = ground.server;
      try {
        const shown = await cli(desk, 'undo', String(changed?.seq), '--dry-run', '--dir', dir, '--json');
        expect(shown.exit, shown.stderr).toBe(0);
        expect(JSON.parse(shown.stdout)).toMatchObject({ dryRun: true, event: { seq: changed?.seq } });
        const plan = await cli(
          desk,
          'rollback',
          'localhost',
          '/demo',
          '--to',
          '2',
          '--dry-run',
          '--dir',
          dir,
          '--json',
        );
        expect(plan.exit, plan.stderr).toBe(0);
        expect(JSON.parse(plan.stdout)).toMatchObject({ outcome: 'deploy', target: 2, environment: ['GREETING'] });
        expect((await cli(desk, 'undo', '3', '--dir', dir)).exit).not.toBe(0);
      } finally {
        await ground.server.start();
      }
    }));
});
