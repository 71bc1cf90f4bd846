import { describe, expect, test } from 'vitest';
import { engineFailure, engineWords, isRefusal, statusOf } from '../../../adapters/engine/engine-failure.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { captured, engines } from './captured.ts';

describe.each(engines)('refusals of %s', (engine) => {
  test('keep status and words', () => {
    for (const refusal of captured(engine, 'refusals')) {
      const error = engineFailure('Docker', 'do it', refusal);
      expect(error.code).toBe('ENGINE_FAILED');
      expect(error.message).toBe(`Docker refused to do it: ${refusal.json.message}`);
      expect(statusOf(error.cause)).toBe(refusal.statusCode);
    }
  });
});

test('words of an answer that was no JSON lose what dockerode puts before them', () => {
  const message = captured('docker', 'pulls').missingTag.message;
  expect(engineWords({ message })).toMatch(/^manifest for \S+ not found: manifest unknown: manifest unknown$/);
});

test.each(['ENOENT', 'ECONNREFUSED', 'EACCES', 'ECONNRESET'])('%s means that nobody answers', (code) => {
  expect(engineFailure('Docker', 'list', Object.assign(new Error('x'), { code })).code).toBe('ENGINE_UNAVAILABLE');
});

describe('a full disk', () => {
  const refusal = (message: string) => Object.assign(new Error(message), { statusCode: 500, json: { message } });

  test.each([
    ['docker', 'mkdir /var/lib/docker/overlay2/0a: no space left on device'],
    ['podman', 'creating container storage: write /x/containers.json: no space left on device'],
    ['docker', 'write /var/lib/docker/tmp/x: disk quota exceeded'],
  ])('of %s is told as such, with what to type: %s', (who, words) => {
    const error = engineFailure(who, 'create a container', refusal(words));
    expect(error.code).toBe('ENGINE_DISK_FULL');
    expect(error.message).toBe(`${who} cannot create a container, since its disk is full: ${words}`);
    expect(error.hint).toContain(`${who} system df`);
    expect(error.hint?.includes('podman rm --force')).toBe(who === 'podman');
    expect(isRefusal(error)).toBe(true);
  });

  test.each([
    'mkdir /sys/fs/cgroup/cpuset/docker/0a: cannot create cgroup: no space left on device',
    'unable to join session keyring: disk quota exceeded',
    'inotify_add_watch: no space left on device',
  ])('is not what the system says in the same words of something else: %s', (words) => {
    expect(engineFailure('docker', 'start a container', refusal(words)).code).toBe('ENGINE_FAILED');
  });
});

test('words are one line of bounded length, whatever was thrown', () => {
  expect(engineWords(new Error(`a\n\tb\u0000${'x'.repeat(1000)}`))).toHaveLength(500);
  expect(engineWords(undefined)).toBe('undefined');
  expect(engineWords('text')).toBe('text');
});

test('our own errors pass unchanged', () => {
  const error = new PloinkyError('ENGINE_TIMEOUT', 'x');
  expect(engineFailure('Docker', 'list', error)).toBe(error);
});
