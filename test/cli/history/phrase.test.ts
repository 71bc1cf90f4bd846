import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { EventLines } from '../../../cli/history/event-line.ts';
import { phraseOf } from '../../../cli/history/phrase.ts';
import { shortValue } from '../../../cli/history/short-value.ts';
import { catalogue } from '../../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';

const event = (type: string, stream: string, data: unknown, more: Partial<EventEnvelope> = {}): EventEnvelope => ({
  seq: 1,
  id: 'id1',
  time: '2026-11-21T10:00:00.000Z',
  type,
  v: 1,
  stream,
  data,
  actor: 'admin:k1',
  cause: null,
  trace: 't',
  hash: '',
  ...more,
});

const problem = { code: 'X', message: 'It broke.', hint: null };
const ended = { taskId: 't', durationMs: 3.1234, deployment: 'localhost/demo', command: 'hello' };

describe('the phrase of an event', () => {
  it.each([
    [
      'deployment.scaled',
      'deployment:localhost/demo',
      { replicas: 3, previous: 1 },
      'localhost/demo is to run in 3 replicas, not 1',
    ],
    ['setting.changed', 'cloud', { name: 'logLevel', value: 'debug', previous: 'info' }, 'logLevel: "info" → "debug"'],
    ['key.revoked', 'key:k1', { keyId: 'k1', reason: null }, 'API key k1 revoked'],
    [
      'access.denied',
      'cloud',
      { method: 'GET', route: '/x', reason: 'no key', count: 3 },
      '3 × GET /x refused: no key',
    ],
    [
      'deployment.requested',
      'deployment:localhost/demo',
      {
        domain: 'localhost',
        path: '/demo',
        release: 2,
        trigger: 'redeploy',
        engine: 'docker',
        config: { agent: 'demo', repository: 'r', branch: 'main', commit: null },
      },
      'localhost/demo#2: redeploy demo from r main on docker',
    ],
    [
      'deployment.routed',
      'deployment:localhost/demo',
      { release: 2, previous: 1 },
      'localhost/demo#2 serves, in place of #1',
    ],
    [
      'release.failed',
      'release:localhost/demo#2',
      { stage: 'image', problem, log: null },
      'localhost/demo#2: image failed: X: It broke.',
    ],
    [
      'container.exited',
      'container:c',
      { exitCode: 137, signal: null, oomKilled: true, output: '', reason: 'outOfMemory' },
      'c ran out of memory',
    ],
    [
      'container.exited',
      'container:c',
      { exitCode: null, signal: 'SIGKILL', oomKilled: false, output: '', reason: 'ended' },
      'c was ended by SIGKILL',
    ],
    ['task.enqueued', 'task:t', { ...ended, params: ['World'] }, 'localhost/demo hello ["World"]'],
    ['task.completed', 'task:t', { ...ended, data: 'Hello!' }, 'localhost/demo hello → "Hello!" in 3.1 ms'],
    [
      'task.failed',
      'task:t',
      { ...ended, problem, outcome: 'unknown', details: null },
      'localhost/demo hello has an unknown outcome: X: It broke.',
    ],
  ])('%s of %s', (type, stream, data, phrase) => {
    expect(phraseOf(event(type, stream, data))).toBe(phrase);
  });

  it('exists for every type, and survives data of any shape', () => {
    for (const { type } of catalogue) {
      for (const data of [{}, null, 'x', { problem: null, config: 1 }]) {
        expect(phraseOf(event(type, 'a:b', data)), type).toBeTypeOf('string');
      }
    }
  });

  it('shows a type that only a newer version knows as it is', () => {
    expect(phraseOf(event('moon.landed', 'moon:1', { crew: 3 }))).toBe('1 {"crew":3}');
    expect(phraseOf(event('constructor', 'x', {}))).toBe('x {}');
  });

  it('gives the size of a payload that lies elsewhere', () => {
    expect(shortValue({ $blob: 'ab', size: 20_000 })).toBe('(20 KiB)');
    expect(shortValue('x'.repeat(100))).toHaveLength(60);
    expect(shortValue(undefined)).toBe('nothing');
  });
});

describe('the line of an event', () => {
  it('names the cause by its number where it was shown, else by the beginning of its id', () => {
    const lines = new EventLines();
    lines.line(event('domain.added', 'domain:a', { name: 'a' }, { id: 'first', seq: 41 }));
    expect(lines.line(event('domain.added', 'domain:b', { name: 'b' }, { id: 'x', cause: 'first' })).raw).toContain(
      '← 41',
    );
    const other = event('domain.added', 'domain:c', { name: 'c' }, { id: 'y', cause: 'something-else' });
    expect(lines.line(other).raw).toContain('← somethin');
  });

  it('holds one line, whatever a message holds', () => {
    const data = { stage: 'install', problem: { ...problem, message: `a\n\u001b[2J${'z'.repeat(500)}` }, log: null };
    const { raw } = new EventLines().line(event('release.failed', 'release:x/y#1', data));
    expect(raw).not.toContain('\n');
    expect(raw).not.toContain('\u001b[2J');
    expect(raw).toContain('a ⏎ \\x1b[2J');
    expect(raw.length).toBeLessThan(400);
  });

  it('is followed by the last lines of a program, each in a line of its own that no terminal obeys', () => {
    const message = `It ended. Its last lines:\n  one\r\n  \u001b[2J${'z'.repeat(500)}\n\tat three`;
    const data = { stage: 'start', problem: { ...problem, message }, log: null };
    const { raw } = new EventLines().lines(event('release.failed', 'release:x/y#1', data));
    const [head, ...below] = stripVTControlCharacters(raw).split('\n');
    expect(head).toMatch(/x\/y#1: start failed: X: It ended\. Its last lines: {2}\S+$/);
    expect(below).toEqual(['         | one', expect.stringMatching(/^ {9}\| \\x1b\[2Jz+…$/), '         | \tat three']);
  });
});
