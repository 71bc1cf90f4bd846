import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const api = '/management/api';
const get = async (at: string) => (await server.admin(`${api}/${at}`)).json();

describe('looking', () => {
  it('at health, overview, state, tasks, output', async () => {
    await server.deploy('/demo');
    expect(await get('health')).toMatchObject({ status: 'ok', server: true, agents: 1, deployments: 1 });
    expect(await get('overview')).toMatchObject({ activeAgents: 1, totalDeployments: 1, uptime: 3_600_000 });
    expect(await get('tasks/done')).toEqual({
      ...{ taskId: 'done', state: 'completed', deployment: 'localhost/demo', command: 'hello' },
      ...{ acceptedAt: '2026-03-01T11:59:00.000Z', endedAt: '2026-03-01T11:59:01.000Z', expires: null },
      ...{ success: true, data: 'yes' },
    });
    expect(await get('tasks/running')).toMatchObject({ taskId: 'running', state: 'running', endedAt: null });
    expect((await server.admin(`${api}/tasks/none`)).status).toBe(404);
    expect(await (await server.admin(`${api}/output?deployment=/demo&lines=7`)).text()).toBe(
      '7 lines of localhost/demo\n',
    );
    expect((await server.admin(`${api}/output?deployment=localhost/none`)).status).toBe(404);
    const { state } = (await get('state')) as { state: Record<string, Record<string, object>> };
    expect(state.deployments?.['localhost/demo']).toMatchObject({ status: 'active' });
    expect(Object.values(state.keys ?? {})[0]).not.toHaveProperty('hash');
  });

  it('at metrics, which count what was called', async () => {
    await server.deploy('/demo');
    const call = (taskId: string) => {
      const data = { taskId, durationMs: 10, deployment: 'localhost/demo', command: 'hello', data: 1 };
      server.cloud.append([{ type: 'task.enqueued', stream: `task:${taskId}`, data: enqueued(taskId) }], origin);
      server.cloud.append([{ type: 'task.completed', stream: `task:${taskId}`, data }], origin);
    };
    call('old');
    server.cloud.time += 2 * 3_600_000;
    call('new');
    expect(await get('metrics?range=1h')).toMatchObject({ totalRequests: 1, errorRate: '0.00%' });
    expect(await get('metrics?range=24h')).toMatchObject({ totalRequests: 2, agents: { demo: { count: 2 } } });
    expect(await get('metrics')).toMatchObject({ range: '7d', commands: { 'demo:hello': { count: 2 } } });
    expect((await server.admin(`${api}/metrics?range=9y`)).status).toBe(400);
  });

  it('at what containers use, also where one runs that nobody looked at yet', async () => {
    await server.deploy('/demo');
    const none = { cpuPercent: null, memoryBytes: null, pids: null, restarts: 0, time: null };
    expect(await get('samples')).toMatchObject({
      containers: [{ deployment: 'localhost/demo', release: 1, replica: 1, status: 'healthy', ...none }],
      down: [],
    });
  });

  it('at figures for Prometheus', async () => {
    await server.deploy('/demo');
    await server.fetch('/demo/hello');
    const text = await (await server.admin('/metrics')).text();
    expect(text).toContain('ploinky_calls_total{outcome="completed"} 1');
    expect(text).toContain(`ploinky_log_head_seq ${server.cloud.head().seq}`);
    expect(text).toContain('ploinky_calls_in_flight 0');
    expect(text).toContain('ploinky_calls_waiting 0');
  });

  it('at the logs of the server', async () => {
    const folder = path.join(server.dataFolder, 'logs');
    await mkdir(folder);
    await writeFile(path.join(folder, 'p-cloud-2026-03-01.log'), 'one\ntwo\nthree\n');
    await writeFile(path.join(folder, 'p-cloud-2026-02-28.log'), 'yesterday\n');
    await writeFile(path.join(folder, 'install-1.log'), 'other\n');
    expect(await (await server.admin(`${api}/logs?lines=2`)).text()).toBe('two\nthree\n');
    expect(await get('logs/list')).toEqual({ dates: ['2026-02-28', '2026-03-01'] });
    const file = await server.admin(`${api}/logs/download?date=2026-02-28`);
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="p-cloud-2026-02-28.log.gz"');
    expect(gunzipSync(Buffer.from(await file.arrayBuffer())).toString()).toBe('yesterday\n');
    const hint = 'Days (UTC) that have one: 2026-02-28, 2026-03-01.';
    expect(await get('logs/download?date=2020-01-01')).toMatchObject({ error: { code: 'NOT_FOUND', hint } });
    for (const wrong of ['', '?date=../../etc/passwd', '?date=2026-2-8']) {
      expect((await server.admin(`${api}/logs/download${wrong}`)).status).toBe(400);
    }
    expect((await server.admin(`${api}/logs?lines=0`)).status).toBe(400);
  });
});

const origin = { actor: 'anonymous', trace: 't' };

function enqueued(taskId: string) {
  return {
    taskId,
    deployment: 'localhost/demo',
    release: 1,
    container: 'c',
    bootId: null,
    command: 'hello',
    params: [],
    runForUserId: 'u',
    timeoutMs: 1,
    priority: 'normal' as const,
    callback: null,
  };
}
