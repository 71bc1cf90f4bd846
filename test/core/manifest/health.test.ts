import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../../core/manifest/parse-manifest.ts';

const healthOf = (manifest: object) => parseManifest(JSON.stringify(manifest), 'a/manifest.json').health;
const refusal = (manifest: object) => {
  try {
    return healthOf(manifest);
  } catch (error) {
    return (error as Error).message;
  }
};

describe('health in a manifest', () => {
  it('is asked of AgentCore where nothing is said', () => {
    expect(healthOf({})).toEqual({
      check: { kind: 'agent' },
      delayMs: 0,
      intervalMs: 10_000,
      timeoutMs: 5_000,
      failures: 3,
      successes: 1,
      startTimeoutMs: null,
    });
  });

  it('is any HTTP answer of a web service where nothing is said', () => {
    expect(healthOf({ port: 80 }).check).toEqual({ kind: 'http', path: null, statuses: { from: 100, to: 599 } });
  });

  it('may be a path, which has to answer well', () => {
    const check = { kind: 'http', path: '/ready', statuses: { from: 200, to: 399 } };
    expect(healthOf({ port: 80, health: '/ready' }).check).toEqual(check);
    expect(healthOf({ port: 80, health: { http: '/ready' } }).check).toEqual(check);
  });

  it.each([
    [204, { from: 204, to: 204 }],
    ['200-204', { from: 200, to: 204 }],
  ])('may name the status %j', (status, statuses) => {
    expect(healthOf({ port: 80, health: { http: '/', status } }).check).toMatchObject({ statuses });
    expect(healthOf({ port: 80, health: { status } }).check).toEqual({ kind: 'http', path: null, statuses });
  });

  it.each([true, 80, '80'])('may be a connection: tcp %j', (tcp) => {
    expect(healthOf({ port: 80, health: { tcp } }).check).toEqual({ kind: 'tcp', port: 80 });
  });

  it('may be a command inside, with times of its own', () => {
    const health = { exec: 'test -e /tmp/ok', delay: '1s', interval: 2_000, timeout: '500ms', startTimeout: '2m' };
    expect(healthOf({ health: { ...health, failures: 2, successes: 4 } })).toEqual({
      check: { kind: 'exec', command: 'test -e /tmp/ok' },
      delayMs: 1_000,
      intervalMs: 2_000,
      timeoutMs: 500,
      failures: 2,
      successes: 4,
      startTimeoutMs: 120_000,
    });
  });

  it.each([
    [{ health: '/x' }, '/health checks a port, but the manifest names none'],
    [{ health: { tcp: 80 } }, '/health checks a port, but the manifest names none'],
    [{ port: 80, health: { tcp: 81 } }, '/health/tcp is 81 but the program listens on 80'],
    [{ port: 80, health: { tcp: true, exec: 'true' } }, '/health asks for both tcp and exec'],
    [{ port: 80, health: { exec: 'true', status: 200 } }, '/health/status is for http'],
    [{ port: 80, health: { status: '400-200' } }, '/health/status should be a status'],
    [{ health: { interval: '10ms' } }, '/health/interval should be a duration from 100 ms'],
    [{ health: { delay: '30h' } }, '/health/delay should be a duration'],
    [{ health: { delay: 'soon' } }, '/health/delay should be a duration'],
    [{ health: { failures: 0 } }, '/health/failures should be a whole number from 1 to 100'],
    [{ health: { htp: '/x' } }, '/health/htp should be one of the fields http, status, tcp, exec, delay, interval, '],
    [{ health: { htp: '/x' } }, 'successes, but is an unknown field'],
    [{ port: 80, health: 'x' }, '/health should be a path such as "/health", or an object'],
    [{ port: 80, health: { http: '/a\r\nX: y' } }, '/health/http should be a path'],
    [{ static: true, health: '/x' }, '/health checks a port, but the manifest names none'],
    [{ restart: 'sometimes' }, '/restart should be "always", "on-failure" or "never"'],
    [{ warm: -1 }, '/warm should be a whole number from 0 to 16'],
  ])('is refused as %j', (manifest, message) => {
    expect(refusal(manifest)).toContain(message);
  });
});
