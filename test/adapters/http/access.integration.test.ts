import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from './test-server.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const json = { 'content-type': 'application/json' };
const login = (apiKey: unknown, headers: Record<string, string> = {}) => {
  const body = JSON.stringify({ command: 'login', params: [apiKey] });
  return server.fetch('/auth', { method: 'POST', headers: { ...json, ...headers }, body });
};
const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

describe('init', () => {
  it('makes the first key once', async () => {
    const fresh = await startTestServer({ initialize: false });
    try {
      const response = await fresh.fetch('/management/api/init', { method: 'POST' });
      const { apiKey } = (await response.json()) as { apiKey: string };
      expect([response.status, apiKey]).toEqual([200, expect.stringMatching(/^sk_[A-Za-z0-9]{43}$/)]);
      const overview = await fresh.fetch('/management/api/overview', { headers: { 'x-api-key': apiKey } });
      expect(overview.status).toBe(200);
      const again = await fresh.fetch('/management/api/init', { method: 'POST' });
      expect([again.status, await again.json()]).toMatchObject([409, { error: { code: 'ALREADY_INITIALIZED' } }]);
    } finally {
      await fresh.close();
    }
  });

  it('is refused to pages of other sites, but not to the token', async () => {
    const fresh = await startTestServer({ initialize: false });
    try {
      const evil = { origin: 'https://evil.example' };
      const refused = await fresh.fetch('/management/api/init', { method: 'POST', headers: evil });
      expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'INIT_REFUSED' } }]);
      const headers = { ...evil, 'x-init-token': fresh.cloud.token ?? '' };
      expect((await fresh.fetch('/management/api/init', { method: 'POST', headers })).status).toBe(200);
    } finally {
      await fresh.close();
    }
  });
});

describe('management without a proof', () => {
  it.each([
    ['GET', '/management/api/overview'],
    ['GET', '/management/api/there-is-nothing'],
    ['DELETE', '/management/api/overview'],
    ['POST', '/management/api/deployments'],
    ['GET', '/metrics'],
    ['GET', '/management/api/health'],
  ])('%s %s is 401, before anything else', async (method, at) => {
    const response = await server.fetch(at, { method, ...(method === 'POST' ? { headers: json, body: '{"' } : {}) });
    expect([response.status, await response.json()]).toMatchObject([401, { error: { code: 'UNAUTHORIZED' } }]);
  });

  it('is recorded, by route and not by address', async () => {
    await server.fetch('/management/api/events/17?secret=x');
    await server.fetch('/management/api/nothing-here-with-a-secret');
    expect(server.cloud.events.filter(({ type }) => type === 'access.denied').map(({ data }) => data)).toEqual([
      { method: 'GET', route: '/management/api/events/:ref', reason: 'no valid key or session', count: 1 },
    ]);
    const overview = await (await server.admin('/management/api/overview')).json();
    expect(overview).toMatchObject({ unauthorizedRequests: 2 });
  });

  it('check-auth says so without an error', async () => {
    const anonymous = await server.fetch('/management/api/check-auth');
    expect([anonymous.status, await anonymous.json()]).toEqual([200, { authenticated: false, initialized: true }]);
    expect(await (await server.admin('/management/api/check-auth')).json()).toMatchObject({ authenticated: true });
  });
});

describe('login', () => {
  it('opens a session of 24 hours, by cookie and by bearer', async () => {
    const response = await login(server.apiKey);
    const { authorizationToken, ...rest } = (await response.json()) as { authorizationToken: string };
    expect([response.status, rest]).toEqual([200, { success: true, userId: 'admin' }]);
    expect(authorizationToken).toMatch(/^[0-9a-f]{64}$/);
    expect(response.headers.getSetCookie()).toEqual([
      `authorizationToken=${authorizationToken}; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict`,
    ]);
    expect(JSON.stringify(server.cloud.events)).not.toContain(authorizationToken);
    const proofs = [{ cookie: cookieOf(response) }, { authorization: `Bearer ${authorizationToken}` }];
    for (const headers of proofs) {
      expect((await server.fetch('/management/api/overview', { headers })).status).toBe(200);
    }
    server.cloud.time += 86_400_000;
    for (const headers of proofs) {
      expect((await server.fetch('/management/api/overview', { headers })).status).toBe(401);
    }
  });

  it('over https marks the cookie Secure', async () => {
    const response = await login(server.apiKey, { 'x-forwarded-proto': 'https' });
    expect(response.headers.getSetCookie()[0]).toMatch(/; Secure$/);
  });

  it('refuses wrong keys, and after ten makes wait, even with the right one', async () => {
    for (let i = 0; i < 10; i += 1) {
      const response = await login(`sk_${'x'.repeat(43)}`);
      expect([response.status, await response.json()]).toMatchObject([401, { message: 'Invalid API key' }]);
    }
    const blocked = await login(server.apiKey);
    expect([blocked.status, blocked.headers.get('retry-after')]).toEqual([429, '60']);
    server.cloud.time += 60_000;
    expect((await login(server.apiKey)).status).toBe(200);
  });

  it.each([5, null, '', ['x'], '__proto__'])('survives %j as key', async (key) => {
    expect((await login(key)).status).toBe(401);
  });

  it('refuses other commands, other methods and pages of other origins', async () => {
    const other = await server.fetch('/auth', { method: 'POST', headers: json, body: '{"command":"dance"}' });
    expect(other.status).toBe(400);
    const get = await server.fetch('/auth');
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await login(server.apiKey, { origin: 'http://localhost:1' })).status).toBe(403);
  });

  it('ends with logout', async () => {
    const cookie = cookieOf(await login(server.apiKey));
    const body = '{"command":"logout","params":[]}';
    const response = await server.fetch('/auth', { method: 'POST', headers: { ...json, cookie }, body });
    expect([response.status, await response.json()]).toEqual([200, { success: true }]);
    expect(response.headers.getSetCookie()[0]).toContain('Max-Age=0');
    expect((await server.fetch('/management/api/overview', { headers: { cookie } })).status).toBe(401);
  });

  it('ends with its key', async () => {
    const cookie = cookieOf(await login(server.apiKey));
    const rotated = await server.send('POST', '/management/api/keys/rotate', {});
    const { apiKey } = (await rotated.json()) as { apiKey: string };
    expect((await server.fetch('/management/api/overview', { headers: { cookie } })).status).toBe(401);
    expect((await server.admin('/management/api/overview')).status).toBe(401);
    const headers = { 'x-api-key': apiKey };
    const { keys } = (await (await server.fetch('/management/api/keys', { headers })).json()) as { keys: object[] };
    expect(keys).toEqual([
      expect.objectContaining({ status: 'rotated' }),
      { keyId: expect.any(String), role: 'admin', status: 'active', createdAt: expect.any(String) },
    ]);
  });
});

describe('a cookie', () => {
  const post = (headers: Record<string, string>) => {
    const body = '{"name":"a.example.org"}';
    return server.fetch('/management/api/domains', { method: 'POST', headers: { ...json, ...headers }, body });
  };

  it('changes things only for pages of this origin', async () => {
    const cookie = cookieOf(await login(server.apiKey));
    expect((await post({ cookie, origin: 'https://evil.example' })).status).toBe(403);
    expect((await post({ cookie, 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await post({ cookie, origin: server.url })).status).toBe(200);
    expect((await post({ cookie })).status).toBe(200);
  });

  it('calls agents only for pages of this origin, by whatever method', async () => {
    await server.deploy('/demo');
    const cookie = cookieOf(await login(server.apiKey));
    await server.send('POST', '/management/api/settings', { enableAuth: true });
    const call = (headers: Record<string, string>) => server.fetch('/demo/hello', { headers: { cookie, ...headers } });
    expect((await call({ 'sec-fetch-site': 'same-site' })).status).toBe(403);
    expect((await call({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect(server.cloud.calls.at(-1)?.call.runForUserId).toBe('admin');
  });
});

describe('the page', () => {
  const form = (apiKey: string) =>
    server.fetch('/management/login', { method: 'POST', body: new URLSearchParams({ apiKey }) });

  it('asks for the key, then shows what there is, and loads nothing from elsewhere', async () => {
    await server.deploy('/demo');
    const anonymous = await server.fetch('/management');
    expect([anonymous.status, await anonymous.text()]).toEqual([200, expect.stringContaining('type="password"')]);
    const response = await form(server.apiKey);
    expect([response.status, response.headers.get('location')]).toEqual([303, '/management/landingPage.html']);
    const headers = { cookie: cookieOf(response) };
    const page = await server.fetch('/management/landingPage.html', { headers });
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
    const text = await page.text();
    expect(text).toContain('localhost/demo');
    expect(text).not.toMatch(/<(?:script|link|img)[^>]*(?:src|href)|https?:\/\//);
    const out = await server.fetch('/management/logout', { method: 'POST', headers });
    expect(out.headers.get('location')).toBe('/management');
    expect(await (await server.fetch('/management', { headers })).text()).toContain('type="password"');
  });

  it('says what was wrong, with 401', async () => {
    const response = await form('wrong');
    expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('Invalid API key')]);
  });

  it('escapes what others chose', async () => {
    const send = await server.send('POST', '/management/api/settings', { serverName: '<script>alert(1)</script>' });
    expect(send.status).toBe(200);
    expect(await (await server.fetch('/management')).text()).not.toContain('<script>');
  });

  it('says where the key comes from, and that no user name belongs to it', async () => {
    const text = await (await server.fetch('/management')).text();
    expect(text).toContain('There is no user name, only the key that <code>p-cli cloud init</code> made');
    expect(text).toContain('<code>cat ~/.plionky/remotes.json</code>');
  });

  it('of another name is the login for strangers and 404 for others', async () => {
    expect((await server.fetch('/management/anything.html')).status).toBe(401);
    expect((await server.admin('/management/anything.html')).status).toBe(404);
  });
});
