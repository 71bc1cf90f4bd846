import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { eventually } from '../crash/operator.ts';
import { itNeeding } from '../durability/needs.ts';
import { Ground } from '../trouble/ground.ts';
import { ChatGuest } from './chat-guest.ts';
import { noPython } from './no-python.ts';

/** As a user would try them: from the bundled repository, over the real server, on plain processes. */
let ground: Ground;
beforeAll(async () => {
  ground = await Ground.make();
});
afterAll(() => ground?.clear());

const get = (path: string, init: RequestInit = {}) => fetch(ground.server.url + path, { redirect: 'manual', ...init });
const post = (path: string, body: string | Uint8Array<ArrayBuffer>, type: string) =>
  get(path, { method: 'POST', body, headers: { 'content-type': type } });
const form = 'application/x-www-form-urlencoded';

describe('node-app', () => {
  beforeAll(() => ground.deployed('/node-app', 'node-app', { environment: { GREETING: 'Good day' } }));

  it('shows its page, whose links stay below its path', async () => {
    const page = await get('/node-app/');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(await page.text()).toContain('action="hello"');
  });

  it('greets, from a query and from a form', async () => {
    expect(await (await get('/node-app/hello?name=you')).json()).toEqual({ message: 'Good day, you!' });
    expect(await (await post('/node-app/hello', 'name=A+%26+B', form)).text()).toBe('Good day, A & B!\n');
  });

  it('gets JSON, and knows behind which path it stands', async () => {
    const echo = await post('/node-app/echo', '{"a":[1,2]}', 'application/json');
    expect(await echo.json()).toEqual({ you: { a: [1, 2] }, behind: '/node-app' });
    const wrong = await post('/node-app/echo', 'no', 'application/json');
    expect([wrong.status, await wrong.json()]).toEqual([400, { error: 'The body is no JSON.' }]);
  });

  it('takes an upload that is larger than the body of a call may be', async () => {
    const bytes = new Uint8Array(3_000_000).fill(7);
    const upload = await post('/node-app/upload', bytes, 'application/octet-stream');
    expect(await upload.json()).toEqual({ bytes: 3_000_000, sha256: createHash('sha256').update(bytes).digest('hex') });
  });

  it('sends events one by one', async () => {
    const response = await get('/node-app/ticks?every=10&count=3');
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect((await response.text()).match(/^id: \d$/gm)).toEqual(['id: 1', 'id: 2', 'id: 3']);
  });
});

describe('python-app', () => {
  // Its image is not asked for: on plain processes it is the Python of this machine.
  beforeAll(async () => {
    if (noPython === null) await ground.deployed('/python-app', 'python-app');
  });

  itNeeding(noPython, 'shows its page and says hello', 60_000, async () => {
    expect(await (await get('/python-app/')).text()).toContain('deployed at /python-app');
    expect(await (await get('/python-app/hello?name=you')).json()).toEqual({ message: 'Hello, you!' });
  });

  itNeeding(noPython, 'counts words, of JSON, a form and plain text', 60_000, async () => {
    const common = [
      ['a', 2],
      ['b', 1],
    ];
    for (const [body, type] of [
      ['{"text":"a b A"}', 'application/json'],
      ['text=a+b+A', form],
      ['a b A', 'text/plain'],
    ] as const) {
      expect(await (await post('/python-app/words', body, type)).json()).toEqual({ words: 3, common });
    }
    expect((await post('/python-app/words', 'no', 'application/json')).status).toBe(400);
    expect((await get('/python-app/nowhere')).status).toBe(404);
  });
});

describe('static-site', () => {
  beforeAll(() => ground.deployed('/site', 'static-site'));

  it('shows its pages and files', async () => {
    expect(await (await get('/site/')).text()).toContain('<h1>A static site</h1>');
    expect(await (await get('/site/about')).text()).toContain('<h1>About</h1>');
    expect((await get('/site/logo.svg')).headers.get('content-type')).toBe('image/svg+xml');
    const lost = await get('/site/nowhere');
    expect([lost.status, await lost.text()]).toEqual([404, expect.stringContaining('<h1>Not here</h1>')]);
  });

  it('packs them, and says when nothing changed', async () => {
    const style = await get('/site/style.css', { headers: { 'accept-encoding': 'br' } });
    expect([style.status, style.headers.get('content-encoding')]).toEqual([200, 'br']);
    const again = { 'accept-encoding': 'br', 'if-none-match': style.headers.get('etag') ?? '' };
    expect((await get('/site/style.css', { headers: again })).status).toBe(304);
  });
});

describe('cgi', () => {
  beforeAll(() => ground.deployed('/cgi', 'cgi'));

  it('runs the script of an address', async () => {
    expect(await (await get('/cgi/')).text()).toContain('<h1>Shell scripts, one for each address</h1>');
    expect(await (await get('/cgi/hello?name=M%C3%BCller+%26+%22Co%22')).text()).toBe('Hello, Müller & "Co"!\n');
    expect((await get('/cgi/nowhere')).status).toBe(404);
  });

  it.each(['$(id)', '`id`', '"; id; "', "'; id; '", '\\', `\${IFS}`, '-n', '*', '%n%s'])(
    'never obeys what comes from outside: %j',
    async (name) => {
      const text = await (await get(`/cgi/hello?name=${encodeURIComponent(name)}`)).text();
      expect(text).toBe(`Hello, ${name}!\n`);
    },
  );

  it('has no address for a program beside its scripts', async () => {
    for (const path of ['/cgi/..%2fserve', '/cgi/serve.js', '/cgi/hello.sh']) {
      expect((await get(path)).status).toBeGreaterThanOrEqual(400);
    }
  });

  it('tells a script of the request in its environment', async () => {
    const headers = { 'x-thing': 'a thing', proxy: 'http://evil.example' };
    const lines = (await (await get('/cgi/env/a%20b?x=1&y=2', { headers })).text()).split('\n');
    const { hostname, port } = new URL(ground.server.url);
    expect(lines).toEqual(
      expect.arrayContaining([
        'GATEWAY_INTERFACE=CGI/1.1',
        'REQUEST_METHOD=GET',
        'SCRIPT_NAME=/cgi/env',
        'PATH_INFO=/a b',
        'QUERY_STRING=x=1&y=2',
        'REMOTE_ADDR=127.0.0.1',
        `SERVER_NAME=${hostname}`,
        `SERVER_PORT=${port}`,
        'HTTP_X_THING=a thing',
      ]),
    );
    expect(lines.join('\n')).not.toContain('evil.example');
  });

  it('gives it the body, and takes status and headers from it', async () => {
    const counted = await post('/cgi/count', 'a b\nc\n', 'text/plain');
    expect(counted.headers.get('content-type')).toBe('application/json');
    expect(await counted.json()).toEqual({ lines: 2, words: 3, bytes: 6 });
    const refused = await get('/cgi/count');
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
    const moved = await get('/cgi/moved');
    expect([moved.status, moved.headers.get('location')]).toEqual([302, '/cgi/hello?name=again']);
  });

  it('passes on at once what it prints', async () => {
    const first = await new Promise<string>((resolve, reject) => {
      const call = request(`${ground.server.url}/cgi/clock`, (response) => {
        response.once('data', (part: Buffer) => {
          resolve(String(part));
          call.destroy();
        });
      });
      call.on('error', reject);
      call.end();
    });
    expect(first).toMatch(/^\d\d:\d\d:\d\d\n$/);
  });
});

describe('chat', () => {
  beforeAll(() => ground.deployed('/chat', 'chat'));
  const enter = (name: string) => ChatGuest.enter(`${ground.server.url}/chat/socket?name=${name}`);

  it('has a page', async () => {
    expect(await (await get('/chat/')).text()).toContain('<h1>Chat</h1>');
    for (const file of ['chat.js', 'chat.css']) expect((await get(`/chat/${file}`)).status).toBe(200);
  });

  it('tells everybody what anybody says, and who comes later what was said', async () => {
    const ann = await enter('Ann');
    const bob = await enter('Bob');
    expect(await ann.next('came', 'Bob')).toMatchObject({ here: ['Ann', 'Bob'] });
    bob.socket.send('Hello from Bob');
    expect(await ann.next('said')).toMatchObject({ name: 'Bob', text: 'Hello from Bob' });
    const late = await enter('Ann');
    expect(await late.next('welcome')).toMatchObject({
      name: 'Ann 2',
      here: ['Ann', 'Bob', 'Ann 2'],
      said: [expect.objectContaining({ text: 'Hello from Bob' })],
    });
    expect(await bob.leave(1000)).toBe(1000);
    expect(await ann.next('went')).toMatchObject({ name: 'Bob', here: ['Ann', 'Ann 2'] });
    await Promise.all([ann.leave(), late.leave()]);
  });

  it('puts fragments together, answers pings in between, and takes text of any script', async () => {
    const guest = await enter('Fay');
    const pong = new Promise((resolve) => guest.socket.once('pong', (data) => resolve(String(data))));
    guest.socket.send('Grü', { fin: false });
    guest.socket.ping('are you there');
    guest.socket.send('ße, 世界', { fin: true });
    expect(await pong).toBe('are you there');
    expect(await guest.next('said')).toMatchObject({ text: 'Grüße, 世界' });
    await guest.leave();
  });

  it.each([
    ['bytes', 1003, (socket: WebSocket) => socket.send(Buffer.from('x'))],
    ['a text that is too long', 1009, (socket: WebSocket) => socket.send('x'.repeat(20_000))],
    ['bytes that are no text', 1007, (socket: WebSocket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false })],
    ['a fragment of nothing', 1002, (socket: WebSocket) => sendEmptyFrame(socket, 0x80)],
    ['a frame that nobody knows', 1002, (socket: WebSocket) => sendEmptyFrame(socket, 0x83)],
    ['a frame that is not masked', 1002, (socket: WebSocket) => socket.send('x', { mask: false })],
    ['bits of an extension', 1002, (socket: WebSocket) => sendEmptyFrame(socket, 0xc1)],
  ])('shows the door to who sends %s', async (_what, code, misbehave) => {
    const guest = await enter('Eve');
    misbehave(guest.socket);
    expect(await guest.closed).toBe(code);
  });

  it('is no WebSocket to who does not ask for one, or not there', async () => {
    expect((await get('/chat/socket')).status).toBe(404);
    await expect(ChatGuest.enter(`${ground.server.url}/chat/elsewhere`)).rejects.toThrow('404');
  });

  it('notices who vanished', async () => {
    const ann = await enter('Ann');
    const bob = await enter('Bob');
    await ann.next('came', 'Bob');
    bob.socket.terminate();
    expect(await ann.next('went')).toMatchObject({ name: 'Bob' });
    await ann.leave();
  });
});

/** An empty masked frame that begins with this byte. */
function sendEmptyFrame(socket: WebSocket, first: number): void {
  const raw = socket as unknown as { _socket: { write(bytes: Buffer): void } };
  raw._socket.write(Buffer.from([first, 0x80, 1, 2, 3, 4]));
}

describe('all of them', () => {
  it('end when they are taken away', async () => {
    const { body } = await ground.operator.request('GET', '/management/api/deployments');
    for (const { path } of body.deployments) await ground.undeploy(path);
    await eventually('the end of their containers', 20, async () => {
      return Object.keys((await ground.state()).containers).length === 0 || undefined;
    });
  });
});
