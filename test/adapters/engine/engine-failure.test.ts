import { describe, expect, test } from 'vitest';
import { engineFailure, engineWords, statusOf } from '../../../adapters/engine/engine-failure.ts';
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

test('words are one line of bounded length, whatever was thrown', () => {
  expect(engineWords(new Error(`a\n\tb\u0000${'x'.repeat(1000)}`))).toHaveLength(500);
  expect(engineWords(undefined)).toBe('undefined');
  expect(engineWords('text')).toBe('text');
});

test('our own errors pass unchanged', () => {
  const error = new PloinkyError('ENGINE_TIMEOUT', 'x');
  expect(engineFailure('Docker', 'list', error)).toBe(error);
});
