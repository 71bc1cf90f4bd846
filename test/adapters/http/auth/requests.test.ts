import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clearedCookie, sessionCookie } from '../../../../adapters/http/auth/cookie.ts';
import { checkInitPermission } from '../../../../adapters/http/auth/init-permission.ts';
import { foreignOrigin, foreignSite } from '../../../../adapters/http/auth/origin.ts';
import { cameByHttps, clientAddress } from '../../../../adapters/http/auth/peer.ts';
import { bindProblem } from '../../../../adapters/http/bind-policy.ts';

const request = (headers: Record<string, string>, remoteAddress = '127.0.0.1') => {
  return { headers: { host: 'localhost:8000', ...headers }, socket: { remoteAddress } } as unknown as IncomingMessage;
};

describe('foreignOrigin', () => {
  const host = 'localhost:8000';
  it.each([
    ['a program', {}, false],
    ['our own page', { origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' }, false],
    ['our own page in an old browser', { origin: 'http://localhost:8000' }, false],
    ['an address typed in', { 'sec-fetch-site': 'none' }, false],
    ['another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, true],
    ['another site in an old browser', { origin: 'https://evil.example' }, true],
    ['another port', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }, true],
    ['another port in an old browser', { origin: 'http://localhost:3000' }, true],
    ['a sandboxed frame', { origin: 'null' }, true],
  ])('%s: %j → %s', (_name, headers, foreign) => expect(foreignOrigin({ host, ...headers })).toBe(foreign));

  it('foreignSite lets other ports of the same host pass', () => {
    expect(foreignSite({ host, origin: 'http://localhost:3000' })).toBe(false);
    expect(foreignSite({ host, 'sec-fetch-site': 'same-site' })).toBe(false);
    expect(foreignSite({ host, origin: 'https://evil.example' })).toBe(true);
    expect(foreignSite({ host, 'sec-fetch-site': 'cross-site' })).toBe(true);
  });
});

describe('init is allowed', () => {
  const allowed = (given: IncomingMessage, token: string | null = 'the-token') => {
    try {
      checkInitPermission(given, token);
      return true;
    } catch (error) {
      expect(error).toHaveProperty('code', 'INIT_REFUSED');
      return false;
    }
  };

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('from %s', (peer) => expect(allowed(request({}, peer))).toBe(true));
  it('not from another machine', () => expect(allowed(request({}, '192.168.1.9'))).toBe(false));
  it('not through a proxy on this machine', () => {
    expect(allowed(request({ 'x-forwarded-for': '1.2.3.4' }))).toBe(false);
  });
  it('not under a name that only resolves to this machine', () => {
    expect(allowed(request({ host: 'evil.example:8000' }))).toBe(false);
  });
  it('not from a page of another site', () => {
    expect(allowed(request({ origin: 'https://evil.example' }))).toBe(false);
    expect(allowed(request({ 'sec-fetch-site': 'cross-site' }))).toBe(false);
  });
  it('from anywhere with the token, and from nowhere with a wrong one', () => {
    expect(allowed(request({ 'x-init-token': 'the-token' }, '192.168.1.9'))).toBe(true);
    expect(allowed(request({ 'x-init-token': 'another' }))).toBe(false);
    expect(allowed(request({ 'x-init-token': '' }), null)).toBe(false);
    expect(allowed(request({ 'x-init-token': '' }), '')).toBe(false);
  });
});

describe('binding', () => {
  const open = { initialized: true, enableAuth: false };
  it.each([undefined, 'localhost', '127.0.0.1', '127.0.1.1', '::1', '[::1]'])('to %s is always allowed', (host) => {
    expect(bindProblem(host, { initialized: false, enableAuth: false })).toBeNull();
  });
  it.each(['0.0.0.0', '::', '192.168.1.5', 'example.org'])('to %s needs keys and enableAuth', (host) => {
    expect(bindProblem(host, open)).toHaveProperty('code', 'BIND_REFUSED');
    expect(bindProblem(host, { initialized: false, enableAuth: true })).toHaveProperty('code', 'BIND_REFUSED');
    expect(bindProblem(host, { initialized: true, enableAuth: true })).toBeNull();
  });
});

describe('what is known of the client', () => {
  it('its address is the peer’s, or what a local proxy saw last', () => {
    expect(clientAddress(request({}, '10.0.0.1'))).toBe('10.0.0.1');
    expect(clientAddress(request({ 'x-forwarded-for': '9.9.9.9' }, '10.0.0.1'))).toBe('10.0.0.1');
    expect(clientAddress(request({ 'x-forwarded-for': '6.6.6.6, 9.9.9.9' }))).toBe('9.9.9.9');
  });

  it('https only when it was, or a local proxy says so', () => {
    expect(cameByHttps(request({}))).toBe(false);
    expect(cameByHttps(request({ 'x-forwarded-proto': 'https' }))).toBe(true);
    expect(cameByHttps(request({ 'x-forwarded-proto': 'https' }, '10.0.0.1'))).toBe(false);
  });
});

it('cookies are HttpOnly, SameSite=Strict, for the whole host, and Secure over https', () => {
  expect(sessionCookie('abc', 60, true)).toBe(
    'authorizationToken=abc; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure',
  );
  expect(sessionCookie('abc', 60, false)).not.toContain('Secure');
  expect(clearedCookie(false)).toContain('authorizationToken=; Path=/; Max-Age=0');
});
