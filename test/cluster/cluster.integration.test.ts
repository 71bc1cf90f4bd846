import { readdirSync, readFileSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dataPaths } from '../../adapters/pipeline/paths.ts';
import { eventually } from '../crash/operator.ts';
import { ClusterGround, ended } from './cluster-ground.ts';

describe('a server with two workers', () => {
  let ground: ClusterGround;
  beforeAll(async () => {
    ground = await ClusterGround.make(2);
  });
  afterAll(() => ground?.clear());

  const admin = () => ({ 'x-api-key': ground.operator.apiKey });

  it('answers calls through both of them, and shares connections out evenly', async () => {
    await ground.workersServing(2);
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const replies = await Promise.all(Array.from({ length: 100 }, (_, n) => ground.call([`a${n}`, 0], agent)));
    expect(replies.map(({ status, body }) => [status, body.data.nonce])).toEqual(
      Array.from({ length: 100 }, (_, n) => [200, `a${n}`]),
    );
    const connections = (await ground.workers()).map((worker) => worker.connections);
    expect(Math.min(...connections)).toBeGreaterThanOrEqual(9);
    agent.destroy();
  });

  it('makes each call durable once, whichever worker took it', async () => {
    const replies = await Promise.all([ground.call(['b1', 0]), ground.call(['b2', 0])]);
    for (const { headers } of replies) {
      const events = await ground.operator.history(`trace=${headers['x-trace-id']}`);
      expect(events.map(({ type }) => type)).toEqual(['task.enqueued', 'task.completed']);
    }
  });

  it('refuses what no agent is there for, and tells why a call failed', async () => {
    const [nowhere, wrong] = await Promise.all([ground.ask('GET', '/nowhere'), ground.ask('POST', '/counter/nothing')]);
    expect([nowhere.status, nowhere.body.error.code]).toEqual([404, 'DEPLOYMENT_NOT_FOUND']);
    expect([wrong.status, wrong.body.error.code]).toEqual([404, 'COMMAND_NOT_FOUND']);
    expect(wrong.body.taskId).toBeTypeOf('string');
  });

  it('keeps the time of a call, which its agent may outlast', async () => {
    const late = await ground.ask('POST', '/counter/count', {
      headers: { 'x-task-timeout': '150' },
      body: { params: ['late', 60_000] },
    });
    expect([late.status, late.body.error.code]).toEqual([504, 'TASK_TIMEOUT']);
  });

  it('runs a call with the same key once, though it comes to both', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    const replies = await ground.askAll(8, 'POST', '/counter/count', { headers, body: { params: ['same', 30] } });
    expect(new Set(replies.map(({ body }) => body.taskId)).size).toBe(1);
    const { body } = await ground.ask('POST', '/counter/report');
    expect(body.data.runs.same).toBe(1);
  });

  it('accepts calls that are answered later, one or many, and hands them over from where they came', async () => {
    const asked = { headers: { prefer: 'respond-async' }, body: { params: ['async', 0] } };
    const accepted = await ground.askAll(4, 'POST', '/counter/count', asked);
    expect(accepted.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    for (const { body } of accepted) {
      await eventually('the outcome', 5, async () => {
        const { body: task } = await ground.ask('GET', body.url);
        return task.state === 'completed' || undefined;
      });
    }
    const lines = ['x', 'y', 'z'].map((nonce) => JSON.stringify({ params: [nonce, 0] })).join('\n');
    const batch = await ground.ask('POST', '/counter/count', {
      headers: { 'content-type': 'application/x-ndjson' },
      text: lines,
    });
    const answers = (batch.body as string)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(answers.map(({ status, data }) => [status, data.nonce])).toEqual([
      [200, 'x'],
      [200, 'y'],
      [200, 'z'],
    ]);
  });

  it('passes management on, which sees who asks and believes nobody but a worker who says so', async () => {
    // A forged note of a worker is taken out before the worker's own is added.
    const forged = { 'x-ploinky-peer': `${'0'.repeat(64)} http 203.0.113.7` };
    const shown = await ground.ask('GET', '/management/api/health', { headers: { ...admin(), ...forged } });
    expect(shown.body.workers).toHaveLength(2);
    const { logs, runRoot } = dataPaths(ground.server.dir, '');
    await eventually('the line of the request', 5, async () => {
      const day = readdirSync(logs).find((name) => name.startsWith('p-cloud-')) ?? '';
      const lines = readFileSync(join(logs, day), 'utf8').trim().split('\n');
      // Whole lines, of three processes.
      const requests = lines.map((line) => JSON.parse(line) as { url?: string; ip?: string });
      expect(requests.some(({ ip }) => ip === '203.0.113.7')).toBe(false);
      const management = requests.some(({ url, ip }) => url === '/management/api/health' && ip === '127.0.0.1');
      const calls = requests.some(({ url, ip }) => url === '/counter/count' && ip === '127.0.0.1');
      return (management && calls) || undefined;
    });
    const socketPath = join(process.env.TMPDIR ?? '', runRoot, 'server.sock');
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    const refused = await new Promise<number | undefined>((resolve, reject) => {
      request({ socketPath, path: '/management/api/health', headers: { ...admin(), ...forged } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(refused).toBe(403);
  });

  it('counts what all of them answered', async () => {
    const figures = async () => {
      const { body } = await ground.ask('GET', '/management/api/overview', { headers: admin() });
      const { body: text } = await ground.ask('GET', '/metrics', { headers: admin() });
      const completed = /^ploinky_calls_total\{outcome="completed"\} (\d+)$/m.exec(text as string)?.[1];
      return { requests: body.totalRequests as number, completed: Number(completed) };
    };
    const before = await figures();
    await Promise.all(Array.from({ length: 30 }, (_, n) => ground.call([`m${n}`, 0])));
    const after = await figures();
    // The two questions for figures count as well.
    expect(after).toEqual({ requests: before.requests + 32, completed: before.completed + 30 });
  });

  it('streams events through a worker as they come', async () => {
    const told: string[] = [];
    const stop = new AbortController();
    const url = `${ground.server.url}/management/api/history?follow=1&type=domain.added`;
    const response = await fetch(url, { headers: admin(), signal: stop.signal });
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const chunk of response.body ?? []) told.push(decoder.decode(chunk));
    })().catch(() => {});
    await ground.operator.request('POST', '/management/api/domains', { name: 'streamed.example' });
    await eventually('the event', 5, async () => told.join('').includes('streamed.example') || undefined);
    stop.abort();
    await reading;
  });

  it('lets every worker see a change before the command that made it is answered', async () => {
    const { operator } = ground;
    const statuses = async (given: { headers?: Record<string, string> } = {}) => {
      const replies = await ground.askAll(24, 'POST', '/counter/count', { ...given, body: { params: ['c', 0] } });
      return [...new Set(replies.map(({ status }) => status))];
    };
    for (let round = 0; round < 3; round += 1) {
      await operator.set({ enableAuth: true });
      expect(await statuses()).toEqual([401]);
      const { body: made } = await operator.request('POST', '/management/api/keys');
      expect(await statuses({ headers: { 'x-api-key': made.apiKey } })).toEqual([200]);
      await operator.request('DELETE', `/management/api/keys/${made.keyId}`);
      expect(await statuses({ headers: { 'x-api-key': made.apiKey } })).toEqual([401]);
      await operator.set({ enableAuth: false });
      expect(await statuses()).toEqual([200]);
      await operator.request('POST', '/management/api/domains/localhost/disable');
      expect(await statuses()).toEqual([404]);
      await operator.request('POST', '/management/api/domains/localhost/enable');
      expect(await statuses()).toEqual([200]);
    }
    await ground.deploy('/other');
    expect((await ground.askAll(24, 'POST', '/other/report')).every(({ status }) => status === 200)).toBe(true);
    await operator.request('DELETE', '/management/api/deployments', { domain: 'localhost', path: '/other' });
    expect((await ground.askAll(24, 'POST', '/other/report')).every(({ status }) => status === 404)).toBe(true);
  });

  it('ends a worker that does not follow, rather than let it serve what was', async () => {
    const [stuck] = await ground.workersServing(2);
    process.kill(stuck?.pid as number, 'SIGSTOP');
    // A request that the stuck one had taken breaks with it; the other brings the command.
    const set = () => ground.ask('POST', '/management/api/settings', { headers: admin(), body: { enableAuth: true } });
    expect((await Promise.any([set(), set(), set()])).status).toBe(200);
    // The command was answered: whoever could not follow is gone.
    expect(ended(stuck?.pid as number)).toBe(true);
    const replies = await ground.askAll(24, 'POST', '/counter/count', { body: { params: ['d', 0] } });
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401]));
    await ground.operator.set({ enableAuth: false });
    await ground.workersServing(2, [stuck?.pid as number]);
  }, 30_000);
});
