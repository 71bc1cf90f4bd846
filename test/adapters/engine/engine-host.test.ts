import { describe, expect, test } from 'vitest';
import { parseEngineHost, showEngineHost } from '../../../adapters/engine/engine-host.ts';

describe('where an engine listens', () => {
  test.each([
    ['unix:///var/run/docker.sock', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://127.0.0.1:2375', { kind: 'tcp', host: '127.0.0.1', port: 2375, secure: false }],
    ['tcp://engine.example.org:2376', { kind: 'tcp', host: 'engine.example.org', port: 2376, secure: true }],
    ['tcp://localhost', { kind: 'tcp', host: 'localhost', port: 2375, secure: false }],
    ['http://localhost:99', { kind: 'tcp', host: 'localhost', port: 99, secure: false }],
    ['https://localhost', { kind: 'tcp', host: 'localhost', port: 2376, secure: true }],
    ['localhost:2375', { kind: 'tcp', host: 'localhost', port: 2375, secure: false }],
  ])('%s', (text, host) => {
    expect(parseEngineHost(text)).toEqual(host);
  });

  test.each([
    ['ssh://me@host', 'ssh'],
    ['npipe:////./pipe/docker_engine', 'pipe'],
    ['unix://relative.sock', 'absolute'],
    ['unix://', 'absolute'],
    ['ftp://host', 'no address'],
    ['://', 'no address'],
    ['tcp://host:notaport', 'no address'],
  ])('%s is refused', (text, reason) => {
    const refusal = expect.objectContaining({ code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining(reason) });
    expect(() => parseEngineHost(text)).toThrow(refusal);
  });

  test('a password in an address is refused and not repeated', () => {
    expect.assertions(2);
    try {
      parseEngineHost('tcp://me:hunter2@host:2375');
    } catch (error) {
      expect((error as Error).message).not.toContain('hunter2');
      expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    }
  });

  test('is shown as it was written', () => {
    expect(showEngineHost(parseEngineHost('unix:///run/a.sock'))).toBe('unix:///run/a.sock');
    expect(showEngineHost(parseEngineHost('localhost:2375'))).toBe('tcp://localhost:2375');
  });
});
