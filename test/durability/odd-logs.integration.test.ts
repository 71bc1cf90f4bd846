import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { createLevelLog, openLevelLog } from '../../core/log/level-log.ts';
import { verifyLog } from '../../core/log/verify-log.ts';
import { all } from '../contracts/log-contract.ts';
import { Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { newEvent } from '../new-event.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ploinky-odd-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a folder', () => {
  const log = async () => {
    const made = await createLevelLog({ folder: dir, holder: 'test' });
    await made.append([newEvent(), newEvent()]);
    await made.close();
  };

  it('that may not be written is refused with its place, and left as it was', async () => {
    await log();
    const files = ['', 'log'].map((name) => join(dir, name));
    const before = readdirSync(dir, { recursive: true }).sort();
    for (const file of files) chmodSync(file, 0o555);
    const program = join(packageRoot(), 'dist', 'test', 'durability', 'open-as-nobody.js');
    try {
      const said = JSON.parse(execFileSync(process.execPath, [program, dir], { encoding: 'utf8' }));
      expect(said).toMatchObject({ code: 'LOG_UNREADABLE', message: expect.stringContaining(join(dir, 'log')) });
    } finally {
      for (const file of files) chmodSync(file, 0o755);
    }
    expect(readdirSync(dir, { recursive: true }).sort()).toEqual(before);
    expect((await verifyLog(dir)).seq).toBe(2);
  });

  it.each([0, 2, 99])('of format %i is refused, with the format and the one that is read', async (format) => {
    await log();
    const db = new ClassicLevel(join(dir, 'log'));
    await db.put('m!format', JSON.stringify({ format, logId: 'x' }));
    await db.close();
    const refusal = { code: 'LOG_FORMAT', message: expect.stringMatching(`format ${format}; .*reads format 1`) };
    await expect(openLevelLog({ folder: dir, holder: 'test' })).rejects.toMatchObject(refusal);
    await expect(verifyLog(dir)).rejects.toMatchObject(refusal);
  });
});

describe('a server over a log that holds', () => {
  let server: ServerProcess;
  let operator: Operator;
  beforeEach(async () => {
    server = new ServerProcess(join(dir, 'cloud'));
    operator = new Operator(server);
    await server.start();
    await operator.initialize();
    await operator.set({ engine: 'process' });
    await server.kill('SIGTERM');
  });
  afterEach(() => server.kill('SIGTERM'));

  /** What somebody with a newer version, or a defect, left in the log. Answers its seq. */
  async function leave(type: string, stream: string, data: unknown): Promise<number> {
    const options = { folder: join(dir, 'cloud', '.ploinky-cloud'), holder: 'test' };
    const log = await openLevelLog(options);
    const [event] = await log.append([newEvent(stream, data, type)]);
    await log.close();
    return event?.seq ?? 0;
  }

  it('an event that a reducer refuses serves what does not need it, and says what stopped where and why', async () => {
    const seq = await leave('container.healthy', 'container:none', { transport: 'http', bootId: 'b', afterMs: 1 });
    await server.start();

    expect((await operator.request('GET', '/health')).body).toMatchObject({ status: 'degraded', phase: 'ready' });
    const stopped = [{ projection: 'containers', seq, code: 'TRANSITION_ILLEGAL' }];
    const message = expect.stringMatching(`containers stopped at event ${seq}: container.healthy .*"absent"`);
    const { body: health } = await operator.request('GET', '/management/api/health');
    expect(health).toMatchObject({ status: 'degraded', stopped: [{ ...stopped[0], message }] });
    expect((await operator.request('GET', '/management/api/overview')).body).toMatchObject({ stopped });

    // The log and the other projections go on.
    expect((await operator.request('POST', '/management/api/settings', { lastLogsLines: 123 })).status).toBe(200);
    const { state } = (await operator.request('GET', '/management/api/state')).body;
    expect(state.cloud.cloud.settings.lastLogsLines).toBe(123);
    expect(state).not.toHaveProperty('containers');
    expect((await operator.history('')).length).toBeGreaterThan(seq);

    // What would need the one that stopped is refused.
    const deployment = { domain: 'localhost', path: '/demo', agent: 'demo' };
    expect(await operator.request('POST', '/management/api/deployments', deployment)).toMatchObject({
      status: 503,
      body: { error: { code: 'PROJECTION_STOPPED', message } },
    });
    const { body } = await operator.request('GET', '/management/api/deployments');
    expect(body.deployments ?? body.error.code).toEqual(body.deployments ? [] : 'PROJECTION_STOPPED');

    await server.kill('SIGTERM');
    const logs = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /p-cloud-.*\.log$/.test(name),
    );
    const lines = logs.map((name) => readFileSync(join(dir, name), 'utf8')).join('');
    expect(lines).toContain('a projection stopped');
  });

  it('stands still and answers where it is not known which networks there are', async () => {
    const seq = await leave('network.removed', 'network:docker/none', {});
    await server.start();
    const stopped = [{ projection: 'networks', seq }];
    expect((await operator.request('GET', '/management/api/health')).body).toMatchObject({ stopped });
    expect((await operator.request('POST', '/management/api/settings', { lastLogsLines: 123 })).status).toBe(200);
    expect((await operator.request('GET', '/health')).body).toMatchObject({ status: 'degraded', phase: 'ready' });
  });

  it('an event of a type that nobody knows does not start, and can be read and verified', async () => {
    const seq = await leave('moon.landed', 'moon', {});
    await expect(server.start()).rejects.toThrow(`Event ${seq} has the unknown type "moon.landed"`);
    const folder = join(dir, 'cloud', '.ploinky-cloud');
    expect((await verifyLog(folder)).seq).toBe(seq);
    const log = await openLevelLog({ folder, holder: 'test', readOnly: true });
    expect((await all(log)).at(-1)).toMatchObject({ seq, type: 'moon.landed' });
    await log.close();
  });
});
