import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventOf, KeptCloud } from '../adapters/retention/kept-cloud.ts';
import { Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { Desk } from './desk.ts';

let cloud: KeptCloud;
beforeEach(async () => {
  cloud = new KeptCloud();
  await cloud.open();
  await cloud.write(12);
  await cloud.log.append([
    { ...eventOf(30, null, ''), data: { name: 'retention.tasks', value: '1d', previous: '90d' } },
  ]);
  await cloud.log.close();
});
afterEach(() => cloud.end());

const segments = () => readdirSync(join(cloud.folder, 'segments'));

describe('retention of a folder', () => {
  it('shows what is due, does it, and shows what is sealed', () =>
    Desk.use(async (desk) => {
      const run = async (...argv: string[]) => {
        const { exit, stdout, stderr } = await desk.run(['cloud', ...argv, '--dir', cloud.folder]);
        expect(exit, stderr).toBe(0);
        return stdout;
      };
      expect(await run('retention')).toMatch(/24 task events of 1 to \d+ to be sealed/);
      const before = await run('state', '--json', '--at', '20');
      expect(await run('retention', 'run', '--dry-run')).toMatch(/24 task events of 1 to \d+ to be sealed/);
      expect(() => segments()).toThrow();
      expect(await run('retention', 'run')).toMatch(/✓ 24 task events of 1 to \d+ sealed: .* KiB in .* (KiB|B)/);
      expect(segments()).toHaveLength(1);
      expect(await run('state', '--json', '--at', '20')).toEqual(before);
      expect(await run('retention')).toContain('24 task events');
      expect(await run('history', '--limit', '1')).toContain('log.sealed');
      expect(await run('verify')).toContain('every hash fits');
      expect(await run('retention', 'run')).toContain('Nothing was due');
    }));

  it('says of deleted events what happened to them, wherever somebody asks', () =>
    Desk.use(async (desk) => {
      await cloud.open();
      const data = { name: 'retention.segments', value: '1d', previous: 'forever' };
      await cloud.log.append([{ ...eventOf(31, null, ''), data }]);
      await cloud.log.close();
      const run = (...argv: string[]) => desk.run(['cloud', ...argv, '--dir', cloud.folder]);
      expect((await run('retention', 'run')).stdout).toMatch(/24 task events of 1 to \d+ deleted/);
      expect((await run('retention')).stdout).toContain('retention.segments = 1d');
      expect((await run('history', '--limit', '0')).stdout).toMatch(/log\.gap +4 task events, 2 to 5, deleted at/);
      expect((await run('verify')).stdout).toContain('The chain holds across them.');
      expect((await run('state', 'usage', '--at', '5')).stdout).toContain('Task events from 2 to 5 were deleted');
      const why = await run('why', '5');
      expect([why.exit, why.stderr]).toEqual([1, expect.stringContaining('Event 5 was a task event, and was deleted')]);
    }));

  it('survives a backup, with its segments', () =>
    Desk.use(async (desk) => {
      await desk.run(['cloud', 'retention', 'run', '--dir', cloud.folder]);
      const backup = await desk.run(['cloud', 'backup', 'b', '--dir', cloud.folder]);
      expect(backup.exit, backup.stderr).toBe(0);
      const restored = await desk.run(['cloud', 'restore', 'b', '--dir', 'copy']);
      expect(restored.exit, restored.stderr).toBe(0);
      const { exit, stdout } = await desk.run(['cloud', 'history', '--limit', '0', '--json', '--dir', 'copy']);
      expect(exit).toBe(0);
      expect(stdout).toEqual(
        (await desk.run(['cloud', 'history', '--limit', '0', '--json', '--dir', cloud.folder])).stdout,
      );
    }));
});

describe('retention of a running server', () => {
  it('answers over HTTP, and refuses an age that is none', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const dir = await mkdtemp(join(tmpdir(), 'ploinky-retained-'));
    const server = new ServerProcess(dir);
    try {
      await server.start();
      const operator = new Operator(server);
      await operator.initialize();
      const view = await operator.request('GET', '/management/api/retention');
      expect(view).toMatchObject({
        status: 200,
        body: { settings: { tasks: '90d', segments: 'forever' }, segments: [] },
      });
      const run = await operator.request('POST', '/management/api/retention/run?dryRun=true');
      expect(run).toMatchObject({ status: 200, body: { dryRun: true, sealed: [], payloads: { count: 0 } } });
      const bad = await operator.request('POST', '/management/api/settings', { 'retention.tasks': '9 weeks' });
      expect(bad).toMatchObject({ status: 400, body: { error: { code: 'INVALID_SETTING' } } });
    } finally {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    }
  });
});
