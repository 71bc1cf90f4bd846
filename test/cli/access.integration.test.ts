import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { healthy, refusal } from './scripted-server.ts';

const loginRoute = { 'POST /auth': { body: { success: true, authorizationToken: 'new-token', userId: 'admin' } } };

describe('connect', () => {
  it('writes the address, with the scheme it lacks, into cloud.json', () =>
    Desk.useWith(healthy, async (desk, server) => {
      const { exit, stdout } = await desk.run(['cloud', 'connect', `127.0.0.1:${server.port}/`]);
      expect([exit, stdout]).toEqual([0, `✓ Connected to ${server.url}\n`]);
      expect(await desk.json('.ploinky/cloud.json')).toMatchObject({ serverUrl: server.url, authToken: 'tok' });
    }));

  it('keeps the address where nothing answers, and says so', () =>
    Desk.use(async (desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'connect', 'localhost:1']);
      expect([exit, stdout]).toEqual([2, '✗ Noted http://localhost:1\n']);
      expect(stderr).toContain('Nothing answers there now.');
      expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: 'http://localhost:1' });
    }));

  it('forgets the login and keeps the rest when the server is another', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', {
        serverUrl: 'http://a:1',
        authToken: 't',
        userId: 'u',
        serverPid: 7,
        x: 1,
      });
      await desk.run(['cloud', 'connect', 'http://127.0.0.1:1']);
      expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: 'http://127.0.0.1:1', serverPid: 7, x: 1 });
    }));

  it.each(['ftp://x', 'http://user:pass@host', 'http://'])('refuses %s', (url) =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'connect', url]);
      expect(exit).toBe(1);
      expect(stderr).toContain('→');
      expect(stderr).not.toContain('pass@');
    }),
  );

  it('knows https addresses', () =>
    Desk.use(async (desk) => {
      await desk.run(['cloud', 'connect', 'https://127.0.0.1:1/base/']);
      expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: 'https://127.0.0.1:1/base' });
      const { exit, stderr } = await desk.run(['cloud', 'status']);
      expect(exit).toBe(2);
      expect(stderr).toContain('Nothing answers at https://127.0.0.1:1');
    }));
});

describe('init', () => {
  it('prints the key once and saves it readable by the owner alone', () =>
    Desk.useWith(
      { 'POST /management/api/init': { body: { success: true, apiKey: 'sk_new', keyId: 'k1' } } },
      async (desk, server) => {
        const { exit, stdout, stderr } = await desk.run(['cloud', 'init']);
        expect([exit, stdout]).toEqual([0, 'API Key: sk_new\n']);
        expect(stderr).toContain('p-cli cloud login');
        expect(await desk.remotes()).toEqual({ content: { url: server.url, apiKey: 'sk_new' }, mode: 0o600 });
        expect((await stat(join(desk.home, '.plionky'))).mode & 0o777).toBe(0o700);
        expect((await stat(join(desk.folder, '.ploinky/cloud.json'))).mode & 0o777).toBe(0o600);
        expect(server.seen[0]?.headers.cookie).toBeUndefined();
      },
    ));

  it('keeps the key of another cloud', () =>
    Desk.useWith({ ...loginRoute, 'POST /management/api/init': { body: { apiKey: 'sk_b' } } }, async (desk, server) => {
      await desk.write('../home/.plionky/remotes.json', { url: 'http://a:1', apiKey: 'sk_a' });
      await desk.run(['cloud', 'init']);
      expect((await desk.remotes()).content).toEqual({
        url: server.url,
        apiKey: 'sk_b',
        others: [{ url: 'http://a:1', apiKey: 'sk_a' }],
      });
    }));

  it('shows the init token of the folder that the server was started on', () =>
    Desk.useWith({ 'POST /management/api/init': { body: { apiKey: 'sk_new' } } }, async (desk, server) => {
      await desk.write('data/.ploinky-cloud/init-token', 'secret\n');
      await desk.write('.ploinky/cloud.json', { serverUrl: server.url, serverDir: join(desk.folder, 'data') });
      await desk.run(['cloud', 'init']);
      expect(server.seen[0]?.headers['x-init-token']).toBe('secret');
    }));

  it('says that the cloud exists already', () =>
    Desk.useWith(
      { 'POST /management/api/init': refusal(409, 'ALREADY_INITIALIZED', 'This cloud was initialised before.') },
      async (desk) => {
        const { exit, stdout, stderr } = await desk.run(['cloud', 'init']);
        expect([exit, stdout]).toEqual([5, '']);
        expect(stderr).toContain('✗ This cloud was initialised before.');
        expect(stderr).toContain('keys rotate');
      },
    ));
});

describe('login and logout', () => {
  it('sends the key and saves the session', () =>
    Desk.useWith(loginRoute, async (desk, server) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'login', 'sk_secret']);
      expect([exit, stdout, stderr]).toEqual([0, '✓ Logged in using API Key\n', '']);
      expect(server.seen[0]?.body).toEqual({ command: 'login', params: ['sk_secret'] });
      expect(await desk.json('.ploinky/cloud.json')).toEqual({
        serverUrl: server.url,
        authToken: 'new-token',
        userId: 'admin',
      });
    }));

  it('reads the key from stdin, and never repeats it, not even with --debug', () =>
    Desk.useWith(loginRoute, async (desk, server) => {
      const { exit, stdout, stderr } = await desk.run(['-d', 'cloud', 'login', '-'], { stdin: ' sk_piped \n' });
      expect(exit).toBe(0);
      expect(server.seen[0]?.body).toEqual({ command: 'login', params: ['sk_piped'] });
      expect(stdout + stderr).not.toContain('sk_piped');
      expect(stderr).toContain('POST');
    }));

  it('takes the key that init saved for this server, and not one of another', () =>
    Desk.useWith(loginRoute, async (desk, server) => {
      await desk.write('../home/.plionky/remotes.json', { url: 'http://elsewhere:1', apiKey: 'sk_other' });
      const without = await desk.run(['cloud', 'login']);
      expect(without.exit).toBe(1);
      expect(server.seen).toEqual([]);
      await desk.write('../home/.plionky/remotes.json', { url: server.url, apiKey: 'sk_saved' });
      expect((await desk.run(['cloud', 'login'])).exit).toBe(0);
      expect(server.seen[0]?.body).toEqual({ command: 'login', params: ['sk_saved'] });
    }));

  it('says why a login failed and keeps the old session', () =>
    Desk.useWith({ 'POST /auth': refusal(401, 'INVALID_API_KEY', 'The API key is not valid.') }, async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'login', 'wrong']);
      expect(exit).toBe(3);
      expect(stderr).toContain('✗ Login failed: The API key is not valid.');
      expect(await desk.json('.ploinky/cloud.json')).toMatchObject({ authToken: 'tok' });
    }));

  it('ends the session on the server and here', () =>
    Desk.useWith({ 'POST /auth': {} }, async (desk, server) => {
      expect((await desk.run(['cloud', 'logout'])).stdout).toBe('✓ Logged out\n');
      expect(server.seen[0]).toMatchObject({ body: { command: 'logout', params: [] } });
      expect(server.seen[0]?.headers.cookie).toBe('authorizationToken=tok');
      expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: server.url });
      expect((await desk.run(['cloud', 'logout'])).stdout).toBe('Not logged in\n');
    }));

  it('logs out here where the server is away', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: 'http://127.0.0.1:1', authToken: 'tok' });
      const { exit, stdout, stderr } = await desk.run(['cloud', 'logout']);
      expect([exit, stdout]).toEqual([0, '✓ Logged out\n']);
      expect(stderr).toContain('ends by itself');
    }));
});

describe('the connection', () => {
  it('is shown, with the beginning of the key alone', () =>
    Desk.useWith({}, async (desk, server) => {
      await desk.write('../home/.plionky/remotes.json', { url: server.url, apiKey: 'sk_abcdefghijk' });
      const { stdout } = await desk.run(['cloud', 'show']);
      expect(stdout).toMatch(new RegExp(`^URL: +${server.url}\nAPI Key: +sk_abc… `));
      expect(stdout).not.toContain('sk_abcd');
      expect(stdout).toMatch(/Logged in as: +admin\n$/);
    }));

  it('does not take the token of the file to the server of the environment', () =>
    Desk.useWith({ 'GET /management/api/settings': {} }, async (desk, server) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: 'http://elsewhere:1', authToken: 'tok' });
      await desk.run(['cloud', 'settings'], { env: { PLOINKY_SERVER_URL: server.url } });
      expect(server.seen[0]?.headers.cookie).toBeUndefined();
      await desk.run(['cloud', 'settings'], { env: { PLOINKY_SERVER_URL: server.url, PLOINKY_AUTH_TOKEN: 'mine' } });
      expect(server.seen[1]?.headers.cookie).toBe('authorizationToken=mine');
    }));

  it('reports a damaged cloud.json without showing it', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', '{"authToken":"hush"');
      const { exit, stderr } = await desk.run(['cloud', 'status']);
      expect(exit).toBe(5);
      expect(stderr).toContain('cloud.json is no valid JSON');
      expect(stderr).not.toContain('hush');
    }));

  it('is a stranger that sends no JSON: exit 2', () =>
    Desk.useWith({ 'GET /management/api/settings': { text: '<html>' } }, async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'settings']);
      expect(exit).toBe(2);
      expect(stderr).toContain('sent no JSON');
    }));
});

describe('keys', () => {
  it('are listed without the keys', () =>
    Desk.useWith(
      {
        'GET /management/api/keys': {
          body: { keys: [{ keyId: 'k1', role: 'admin', status: 'active', createdAt: '2026' }] },
        },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'keys', 'list'])).stdout).toBe('  k1  admin  active  2026\n');
      },
    ));

  it('are rotated, printed once and saved', () =>
    Desk.useWith(
      { 'POST /management/api/keys/rotate': { body: { success: true, apiKey: 'sk_2', keyId: 'k2' } } },
      async (desk, server) => {
        const { stdout } = await desk.run(['cloud', 'keys', 'rotate', 'k1', '--json']);
        expect(JSON.parse(stdout)).toEqual({ apiKey: 'sk_2', keyId: 'k2' });
        expect(server.seen[0]?.body).toEqual({ keyId: 'k1' });
        expect(await desk.remotes()).toEqual({ content: { url: server.url, apiKey: 'sk_2' }, mode: 0o600 });
      },
    ));

  it('are revoked by id', () =>
    Desk.useWith({ 'DELETE /management/api/keys/k1': {} }, async (desk) => {
      expect((await desk.run(['cloud', 'keys', 'revoke', 'k1'])).stdout).toBe('✓ Key k1 revoked\n');
    }));

  it('replace users', () =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'admin', 'add', 'bob']);
      expect(exit).toBe(5);
      expect(stderr).toContain('API keys replace them');
    }));
});
