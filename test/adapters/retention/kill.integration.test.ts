import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { verifyLog } from '../../../core/log/verify-log.ts';
import { Operator } from '../../crash/operator.ts';
import { ServerProcess } from '../../crash/server-process.ts';
import { eventOf } from './kept-cloud.ts';

let dir: string;
let data: string;
let server: ServerProcess;
let operator: Operator;
let before: EventEnvelope[];

async function events(): Promise<EventEnvelope[]> {
  const log = await openLevelLog({ folder: data, holder: 'test', readOnly: true });
  const all: EventEnvelope[] = [];
  for await (const event of log.read()) all.push(event);
  await log.close();
  return all;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ploinky-retained-'));
  data = join(dir, '.ploinky-cloud');
  server = new ServerProcess(dir);
  operator = new Operator(server);
  await server.start();
  await operator.initialize();
  await server.kill('SIGTERM');
  const log = await openLevelLog({ folder: data, holder: 'test' });
  for (let i = 0; i < 6_000; i += 40) {
    const calls = Array.from({ length: 20 }, (_, j) => `t${i + j}`);
    const at = i * 2 + 100;
    await log.append(calls.flatMap((id, j) => [eventOf(at + j, 'begin', id), eventOf(at + j, 'end', id)]));
  }
  await log.close();
  before = await events();
});
afterAll(async () => {
  await server.kill();
  await rm(dir, { recursive: true, force: true });
});

describe('retention of a server that is killed', () => {
  it('is finished after the next start, and nothing is lost or double', async () => {
    for (let cycle = 0; cycle < 4; cycle += 1) {
      await server.start();
      await operator.set({ 'retention.tasks': '1d', lastLogsLines: 1 + cycle });
      const running = operator.request('POST', '/management/api/retention/run').catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 120));
      await server.kill();
      await running;
      await verifyLog(data);
      expect((await events()).slice(0, before.length)).toEqual(before);
    }
    await server.start();
    expect((await operator.request('POST', '/management/api/retention/run')).status).toBe(200);
    const { body } = await operator.request('GET', '/management/api/retention');
    const held = body.segments as { count: number; deleted: unknown }[];
    expect(held.reduce((sum, { count }) => sum + count, 0)).toBe(6_000);
    expect(body.due).toEqual({ sealed: [], deleted: [], strays: [] });
    await operator.set({ 'retention.segments': '1d' });
    const run = operator.request('POST', '/management/api/retention/run').catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    await server.kill();
    await run;
    await verifyLog(data);
    await server.start();
    expect((await operator.request('POST', '/management/api/retention/run')).status).toBe(200);
    const after = await operator.request('GET', '/management/api/retention');
    expect((after.body.segments as { deleted: unknown }[]).every(({ deleted }) => deleted !== null)).toBe(true);
    const state = await operator.request('GET', '/management/api/state');
    const usage = Object.values(state.body.state.usage as Record<string, { count: number }>);
    expect(usage.reduce((sum, { count }) => sum + count, 0)).toBe(3_000);
    await server.kill('SIGTERM');
    await verifyLog(data);
  });
});
