import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AgentCoreClient } from '../../client/agent-core-client.ts';
import { type AgentFolder, agentFolder, RunningAgent, until } from '../agent-core/running-agent.ts';

const index = `const fs = require('fs');
module.exports = {
  hello: (n) => 'Hello, ' + n + '!',
  user: () => ploinky.task().runForUserId,
  fail() { throw new Error('no'); },
  forever() { fs.writeFileSync('entered', ''); return new Promise(() => {}); },
};`;

let folder: AgentFolder;
let agent: RunningAgent | null = null;

afterEach(async () => {
  await agent?.stop();
  agent = null;
  folder?.remove();
});

describe('AgentCoreClient over HTTP', () => {
  it('runs tasks', async () => {
    folder = agentFolder({ 'index.js': index });
    agent = await new RunningAgent(folder, {
      env: { PLOINKY_LISTEN: 'tcp', PLOINKY_LISTEN_HOST: '127.0.0.1', PORT: '0' },
    }).ready();
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(agent.output)?.[1]);
    const client = new AgentCoreClient();
    expect(await client.runTask('127.0.0.1', port, 'hello', ['World'])).toEqual({
      success: true,
      data: 'Hello, World!',
    });
    expect(await client.runTask('127.0.0.1', port, 'nope')).toMatchObject({ error: { code: 'COMMAND_NOT_FOUND' } });
    await expect(client.runTask('127.0.0.1', port, '')).rejects.toThrow(/^HTTP Error 400: \{"success":false/);
    await agent.stop();
    // The end of the connection that was kept may come to light only with the next request.
    await expect(client.runTask('127.0.0.1', port, 'hello')).rejects.toThrow(/ECONNREFUSED|ECONNRESET|socket hang up/);
  });

  it('rejects a reply that is no JSON', async () => {
    const server: Server = createServer((_request, response) => response.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await expect(new AgentCoreClient().runTask('127.0.0.1', port, 'hello')).rejects.toThrow(SyntaxError);
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('AgentCoreClient through files', () => {
  async function start(): Promise<AgentCoreClient> {
    folder = agentFolder({ 'index.js': index });
    const client = new AgentCoreClient(folder.code);
    await client.init();
    agent = await new RunningAgent(folder, { env: { PLOINKY_QUEUE_DIR: '' } }).ready();
    return client;
  }

  it('enqueues, waits and tidies up', async () => {
    const client = await start();
    expect(client.queuePath).toBe(join(folder.code, '.ploinky', 'queue'));
    const id = await client.enqueue('hello', ['files'], { from: 'test' });
    expect(id).toMatch(/^[0-9a-f]{32}_\d+$/);
    expect(await client.waitForResult(id)).toEqual({ success: true, data: 'Hello, files!' });
    const failing = await client.enqueue('fail');
    expect(await client.waitForResult(failing)).toEqual({
      success: false,
      error: { code: 'HANDLER_FAILED', message: 'no', details: null },
    });
    for (const name of ['tasks', 'results', 'errors', 'locks']) {
      await until(() => readdirSync(join(folder.code, '.ploinky/queue', name)).length === 0);
    }
  });

  it('says for whom', async () => {
    const client = await start();
    const id = await client.enqueue('user', [], {}, { runForUserId: 'ann' });
    expect(await client.waitForResult(id)).toEqual({ success: true, data: 'ann' });
  });

  it('waits no longer than it is told', async () => {
    folder = agentFolder({});
    const client = new AgentCoreClient(folder.code);
    await client.init();
    const id = await client.enqueue('hello');
    expect(await client.waitForResult(id, 20)).toMatchObject({ success: false, error: { code: 'TASK_TIMEOUT' } });
    expect(existsSync(join(folder.code, '.ploinky/queue/tasks', id))).toBe(true);
  });

  it('cancels', async () => {
    const client = await start();
    const id = await client.enqueue('forever');
    await until(() => existsSync(join(folder.code, 'entered')));
    await client.cancel(id);
    expect(await client.waitForResult(id)).toMatchObject({ success: false, error: { code: 'TASK_CANCELLED' } });
  });

  it('says so when it was made without a folder', async () => {
    await expect(new AgentCoreClient().enqueue('hello')).rejects.toThrow('without the folder of an agent');
  });
});
