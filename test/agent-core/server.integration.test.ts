import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpTransport } from '../../adapters/agents/http-transport.ts';
import { task } from '../contracts/transport-contract.ts';
import { type AgentFolder, agentFolder, RunningAgent, until } from './running-agent.ts';

let folder: AgentFolder;
let agent: RunningAgent;

const files = {
  'index.js': `const fs = require('fs');
  module.exports = {
    hello: (n) => 'Hello, ' + n + '!',
    async gate() { fs.writeFileSync('entered', ''); while (!fs.existsSync('open')) await new Promise((r) => setTimeout(r, 5)); return 'through'; },
    forever: () => { fs.writeFileSync('entered', ''); return new Promise(() => {}); },
  };`,
};

beforeEach(() => {
  folder = agentFolder(files);
});

afterEach(async () => {
  agent.signal('SIGTERM');
  await agent.stop();
  folder.remove();
});

async function start(env: Record<string, string> = {}): Promise<RunningAgent> {
  agent = await new RunningAgent(folder, { env }).ready();
  return agent;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

function ask(method: string, path: string, body?: string): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const socketPath = join(folder.address.runFolder, 'agent.sock');
    const sent = request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: text === '' ? null : JSON.parse(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const refusal = { success: false, error: { code: 'PAYLOAD_INVALID', message: expect.any(String), details: null } };

describe('the HTTP wire', () => {
  it('tells its health', async () => {
    await start();
    expect(await ask('GET', '/health')).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        status: 'ok',
        transport: 'http',
        bootId: expect.any(String),
        pid: agent.process.pid,
        node: process.version,
      },
    });
  });

  it('takes tasks in the form of older clients', async () => {
    await start();
    const reply = await ask('POST', '/task/whatever?x=1', '{"command":"hello","params":["World"]}');
    expect(reply).toMatchObject({ status: 200, body: { success: true, data: 'Hello, World!' } });
  });

  it('refuses what it cannot read, and serves on', async () => {
    await start();
    for (const body of ['', '{', 'null', '[]', '{"command":1}', '{"command":"hello","id":"../../x"}', '"a"', '\0']) {
      expect(await ask('POST', '/task', body)).toMatchObject({ status: 400, body: refusal });
    }
    expect(await ask('GET', '/')).toMatchObject({ status: 404, body: refusal });
    expect(await ask('GET', '/task/..%2Fx')).toMatchObject({ status: 400, body: refusal });
    expect(await ask('GET', '/taskx')).toMatchObject({ status: 404, body: refusal });
    expect(await ask('PUT', '/task/x')).toMatchObject({ status: 405, headers: { allow: 'GET, POST, DELETE' } });
    expect(await ask('POST', '/health')).toMatchObject({ status: 405, headers: { allow: 'GET' } });
    await sendGarbage();
    expect(await ask('POST', '/task', '{"command":"hello","params":["you"]}')).toMatchObject({ status: 200 });
  });

  it('survives a client that goes away in the middle of its body', async () => {
    await start();
    const socket = connect(join(folder.address.runFolder, 'agent.sock'));
    await new Promise((resolve) => {
      socket.write('POST /task HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{"comm', resolve);
    });
    socket.destroy();
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 });
  });

  it('lets other users of the machine connect where the folders do', async () => {
    await start();
    expect(statSync(join(folder.address.runFolder, 'agent.sock')).mode & 0o777).toBe(0o666);
  });

  it('takes the place of a socket that was left behind', async () => {
    await start();
    await agent.kill();
    expect(existsSync(join(folder.address.runFolder, 'agent.sock'))).toBe(true);
    await start();
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 });
  });

  it('listens on TCP where it is told to', async () => {
    await start({ PLOINKY_LISTEN: 'tcp', PLOINKY_LISTEN_HOST: '127.0.0.1', PORT: '0' });
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(agent.output)?.[1]);
    const transport = new HttpTransport();
    const address = { ...folder.address, tcp: { host: '127.0.0.1', port } };
    const outcome = await transport.call(address, task('hello', ['TCP']), new AbortController().signal);
    expect(outcome).toEqual({ success: true, data: 'Hello, TCP!' });
    await transport.close();
  });

  async function sendGarbage(): Promise<void> {
    const socket = connect(join(folder.address.runFolder, 'agent.sock'));
    socket.end('\x16\x03\x01 this is no HTTP\r\n\r\n');
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
});

describe('a stop', () => {
  it('is at once when nothing runs, also with a connection kept open', async () => {
    await start();
    const idle = connect(join(folder.address.runFolder, 'agent.sock'));
    await new Promise((resolve) => idle.once('connect', resolve));
    agent.signal('SIGTERM');
    expect(await agent.exited).toBe(0);
    idle.destroy();
    expect(existsSync(join(folder.address.runFolder, 'agent.sock'))).toBe(false);
    expect(existsSync(join(folder.address.runFolder, 'queue.json'))).toBe(false);
  });

  it('waits for what runs and takes nothing new', async () => {
    await start();
    const transport = new HttpTransport();
    const signal = new AbortController().signal;
    const running = transport.call(folder.address, task('gate'), signal);
    await until(() => existsSync(join(folder.code, 'entered')));
    agent.signal('SIGTERM');
    // The last thing to go; before, a connection may still be taken and closed.
    await until(() => !existsSync(join(folder.address.runFolder, 'agent.sock')));
    const late = transport.call(folder.address, task('hello'), signal);
    await expect(late).rejects.toMatchObject({ code: 'AGENT_UNREACHABLE' });
    writeFileSync(join(folder.code, 'open'), '');
    expect(await running).toEqual({ success: true, data: 'through' });
    expect(await agent.exited).toBe(0);
    await transport.close();
  });

  it('does not wait longer than its grace', async () => {
    await start({ PLOINKY_GRACE_MS: '50' });
    const lost = ask('POST', '/task', '{"command":"forever"}').catch((error: Error) => error);
    await until(() => existsSync(join(folder.code, 'entered')));
    agent.signal('SIGTERM');
    expect(await agent.exited).toBe(0);
    expect(await lost).toBeInstanceOf(Error);
  });

  it('does not wait at all at the second signal', async () => {
    await start({ PLOINKY_GRACE_MS: '3600000' });
    const lost = ask('POST', '/task', '{"command":"forever"}').catch((error: Error) => error);
    await until(() => existsSync(join(folder.code, 'entered')));
    agent.signal('SIGTERM');
    await until(() => !existsSync(join(folder.address.runFolder, 'queue.json')));
    agent.signal('SIGINT');
    expect(await agent.exited).toBe(1);
    expect(await lost).toBeInstanceOf(Error);
  });
});

describe('a start', () => {
  it.each([
    ['PLOINKY_TRANSPORT', 'carrier pigeon'],
    ['PORT', 'http'],
    ['PLOINKY_MAX_PROGRAMS', '0'],
  ])('with a wrong %s ends with one sentence', async (name, value) => {
    agent = new RunningAgent(folder, { env: { [name]: value, PLOINKY_LISTEN: 'tcp' } });
    expect(await agent.exited).toBe(1);
    expect(agent.output).toMatch(new RegExp(`^AgentCore: ${name} is .+\\n$`));
  });

  it('serves what it was told to only', async () => {
    await start({ PLOINKY_TRANSPORT: 'queue' });
    expect(existsSync(join(folder.address.runFolder, 'agent.sock'))).toBe(false);
    expect(existsSync(join(folder.address.runFolder, 'queue.json'))).toBe(true);
    await agent.stop();
    await start({ PLOINKY_TRANSPORT: 'http' });
    expect(existsSync(join(folder.address.runFolder, 'agent.sock'))).toBe(true);
    expect(existsSync(join(folder.address.runFolder, 'queue.json'))).toBe(false);
  });

  it('does without a queue that it cannot have, unless it was told to serve it', async () => {
    const blocked = join(folder.root, 'file');
    writeFileSync(blocked, '');
    await start({ PLOINKY_QUEUE_DIR: join(blocked, 'queue') });
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 });
    await agent.stop();
    agent = new RunningAgent(folder, {
      env: { PLOINKY_QUEUE_DIR: join(blocked, 'queue'), PLOINKY_TRANSPORT: 'queue' },
    });
    expect(await agent.exited).toBe(1);
  });

  it('through run.sh takes Node where there is one, and the shell where not', async () => {
    const bin = join(folder.root, 'bin');
    mkdirSync(bin);
    agent = await new RunningAgent(folder, { runner: ['sh', 'run.sh'] }).ready();
    expect(agent.output).toContain(`Node ${process.versions.node}`);
    await agent.stop();
    const { symlinkSync } = await import('node:fs');
    for (const name of [
      'sh',
      'awk',
      'cat',
      'date',
      'dirname',
      'basename',
      'mkdir',
      'mv',
      'rm',
      'ln',
      'sleep',
      'mktemp',
    ]) {
      symlinkSync(join('/usr/bin', name), join(bin, name));
    }
    agent = await new RunningAgent(folder, { runner: ['/bin/sh', 'run.sh'], env: { PATH: bin } }).ready();
    expect(agent.output).toContain('without Node');
  });
});
