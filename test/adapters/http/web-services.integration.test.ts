import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { mirrored, raw, webServiceGround } from './web-service-ground.ts';

const { gateway, service, serving } = webServiceGround();

describe('the address of a web service', () => {
  it.each([
    ['/app', '/app', '/'],
    ['/app', '/app/', '/'],
    ['/app', '/app?a=1', '/?a=1'],
    ['/app', '/app/x/y?a=%20&b', '/x/y?a=%20&b'],
    ['/app', '//app//x', '//x'],
    ['/app', '/%61pp/x', '/x'],
    ['/app', '/app/@scope%2fname', '/@scope%2fname'],
    ['/app', '/app/a%5Cb%00%ff', '/a%5Cb%00%ff'],
    ['/app/deep', '/app/deep/x', '/x'],
    ['/', '/x%2fy?z', '/x%2fy?z'],
  ])('%s: %s becomes %s', async (at, asked, arrives) => {
    const { server } = await serving(at);
    expect(await raw(server.port, `GET ${asked} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toContain(
      `"url":${JSON.stringify(arrives)}`,
    );
  });

  it('is told of its prefix when that was taken away', async () => {
    const { server } = await serving('/app');
    const { headers } = await mirrored(await server.fetch('/app/x'));
    expect(headers['x-forwarded-prefix']).toBe('/app');
  });

  it('keeps its prefix when the manifest says so', async () => {
    const { server } = await serving('/app', { prefix: 'keep' });
    const { url, headers } = await mirrored(await server.fetch('/app/x?y'));
    expect(url).toBe('/app/x?y');
    expect(headers).not.toHaveProperty('x-forwarded-prefix');
  });

  it('without its final slash is corrected for browsers, whose links would lead astray', async () => {
    const { server } = await serving('/app');
    const answer = await server.fetch('/app?a=1', { headers: { accept: 'text/html' } });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/app/?a=1']);
  });

  it.each(['/app/../x', '/app/%2e%2e/x', '/app/.'])('with dots is refused: %s', async (asked) => {
    const { server } = await serving('/app');
    const answer = await raw(server.port, `GET ${asked} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400[\s\S]*INVALID_NAME/);
  });
});

describe('a request', () => {
  it.each(['PROPFIND', 'HEAD', 'OPTIONS', 'PATCH'])('may be %s', async (method) => {
    const { server } = await serving('/app', {
      handle: (request, response) => response.writeHead(200, { 'x-method': request.method ?? '' }).end(),
    });
    expect((await server.fetch('/app/x', { method })).headers.get('x-method')).toBe(method);
  });

  it('may be larger than a call', async () => {
    const { server } = await serving('/app', {
      handle: (request, response) => {
        let bytes = 0;
        request.on('data', (piece: Buffer) => {
          bytes += piece.length;
        });
        request.on('end', () => response.end(String(bytes)));
      },
    });
    const answer = await server.fetch('/app/x', { method: 'PUT', body: Buffer.alloc(3 << 20) });
    expect(await answer.text()).toBe(String(3 << 20));
  });

  it('may take longer than a call', async () => {
    const { server } = await serving('/app', {
      limits: { requestTimeoutMs: 60 },
      handle: (request, response) => {
        request.on('end', () => response.end('all of it')).resume();
      },
    });
    const socket = connect(server.port, '127.0.0.1');
    socket.write('POST /app HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 2\r\n\r\na');
    // A call of the same slowness shows when its time would have been up.
    await server.deploy('/agent');
    expect(await raw(server.port, 'POST /agent HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\na')).toMatch(
      / 408 /,
    );
    socket.write('b');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 200[\s\S]*all of it/);
    socket.destroy();
  });

  it('with Expect is the service’s to answer, and that of an agent ours', async () => {
    const { server } = await serving('/app', {
      handle: (request, response) => {
        request.on('end', () => response.end('got it')).resume();
      },
    });
    await server.deploy('/agent');
    for (const at of ['/app', '/agent/hello']) {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(
        `POST ${at} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`,
      );
      const [first] = (await once(socket, 'data')) as [Buffer];
      expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write('ab');
      const [second] = (await once(socket, 'data')) as [Buffer];
      expect(second.toString()).toMatch(/^HTTP\/1\.1 200/);
      socket.destroy();
    }
  });

  it('that means a task is refused', async () => {
    const { server } = await serving('/app');
    const answer = await server.fetch('/app', { method: 'POST', headers: { 'x-ploinky-call': '1' }, body: '{}' });
    expect(answer.status).toBe(409);
    expect(await answer.json()).toMatchObject({ error: { code: 'TAKES_NO_TASKS' } });
  });

  it('is counted and written to the server’s log, but is no event', async () => {
    const { server } = await serving('/app');
    const events = server.cloud.events.length;
    await server.fetch('/app/x?token=abc');
    expect(server.log.some((line) => line.includes('/app/x?token=***'))).toBe(true);
    expect(server.cloud.events).toHaveLength(events);
  });
});

describe('proofs', () => {
  const token = 'a'.repeat(64);

  it('of Ploinky are kept from the service, its own are not', async () => {
    const { server } = await serving('/app');
    const own = await mirrored(
      await server.fetch('/app', {
        headers: { cookie: 'sid=1; theme=x', authorization: 'Basic dTpw', 'x-api-key': 'its own' },
      }),
    );
    expect(own.headers).toMatchObject({
      cookie: 'sid=1; theme=x',
      authorization: 'Basic dTpw',
      'x-api-key': 'its own',
    });
    const ours = await mirrored(
      await server.fetch('/app', {
        headers: {
          cookie: `sid=1; authorizationToken=${token}; theme=x`,
          authorization: `Bearer ${token}`,
          'x-api-key': server.apiKey,
        },
      }),
    );
    expect(ours.headers.cookie).toBe('sid=1; theme=x');
    expect(ours.headers).not.toHaveProperty('authorization');
    expect(ours.headers).not.toHaveProperty('x-api-key');
  });

  it('are wanted with enableAuth, and stand beside those of the service', async () => {
    const { server } = await serving('/app');
    await server.send('POST', '/management/api/settings', { enableAuth: true });
    expect((await server.fetch('/app')).status).toBe(401);
    expect((await server.fetch('/app', { headers: { authorization: 'Basic dTpw' } })).status).toBe(401);
    const both = await server.fetch('/app', { headers: { authorization: 'Basic dTpw', 'x-api-key': server.apiKey } });
    expect((await mirrored(both)).headers.authorization).toBe('Basic dTpw');
  });
});

describe('pages of other sites', () => {
  it('may link to a service of this machine, and no more', async () => {
    const { server } = await serving('/app');
    const ask = (method: string, mode: string) =>
      raw(
        server.port,
        `${method} /app/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: ${mode}\r\n\r\n`,
      );
    expect(await ask('GET', 'navigate')).toMatch(/ 200 /);
    expect(await ask('POST', 'navigate')).toMatch(/ 403 /);
    expect(await ask('GET', 'cors')).toMatch(/ 403 /);
  });
});

describe('a service that is not there', () => {
  it('is SERVICE_UNREACHABLE', async () => {
    const { server, app } = await serving('/app');
    app.close();
    app.closeAllConnections();
    const answer = await server.fetch('/app', { method: 'POST', body: 'x' });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 'SERVICE_UNREACHABLE' } });
  });

  it('whose container is down is AGENT_UNREACHABLE, and found again at its new port', async () => {
    const { server } = await serving('/app');
    await server.fetch('/app');
    const container = [...server.cloud.views().containers.keys()][0] as string;
    const stream = `container:${container}`;
    const origin = { actor: 'system:test', trace: 't' };
    const exit = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    server.cloud.append([{ type: 'container.exited', stream, data: exit }], origin);
    expect(await (await server.fetch('/app')).json()).toMatchObject({ error: { code: 'AGENT_UNREACHABLE' } });
    const { port } = await service((_request, response) => response.end('the new one'));
    server.cloud.append(
      [
        {
          type: 'container.startRequested',
          stream,
          data: {
            name: container,
            deployment: 'localhost/app',
            release: 1,
            replica: 1,
            engine: 'process',
            specHash: 'spec',
            attempt: 2,
          },
        },
        { type: 'container.restarted', stream, data: { engineId: '2', attempt: 2 } },
        { type: 'container.healthy', stream, data: { transport: 'web', bootId: null, afterMs: 1, port } },
      ],
      origin,
    );
    expect(await (await server.fetch('/app')).text()).toBe('the new one');
  });

  it('on its socket is found in its run folder', async () => {
    const server = await gateway();
    await server.deploy('/app', 'localhost', { port: null, manifest: { web: { port: 3000, prefix: 'strip' } } });
    expect(await (await server.fetch('/app')).json()).toMatchObject({ error: { code: 'SERVICE_UNREACHABLE' } });
  });
});
