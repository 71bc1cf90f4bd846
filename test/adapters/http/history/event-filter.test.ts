import { describe, expect, it } from 'vitest';
import { matcher, momentOf, typesOf } from '../../../../adapters/http/history/event-filter.ts';
import type { EventEnvelope } from '../../../../core/events/envelope.ts';
import { containerName } from '../../../../core/names/names.ts';

const nothing = {
  read: (): AsyncIterable<EventEnvelope> => {
    throw new Error('the log need not be asked');
  },
};

const event = (changes: Partial<EventEnvelope>): EventEnvelope => ({
  seq: 1,
  id: 'id',
  time: '2026-03-01T12:00:00.000Z',
  type: 'task.completed',
  v: 1,
  stream: 'task:t',
  data: {},
  actor: 'admin:k1',
  cause: null,
  trace: 'trace',
  hash: '',
  ...changes,
});

describe('a deployment’s history', () => {
  const concerns = (id: string, changes: Partial<EventEnvelope>) =>
    matcher({ deployment: id }, nothing)(event(changes));

  it('holds its events, releases, containers and tasks', () => {
    const id = 'localhost/demo';
    expect(concerns(id, { stream: 'deployment:localhost/demo' })).toBe(true);
    expect(concerns(id, { stream: 'release:localhost/demo#12' })).toBe(true);
    expect(concerns(id, { stream: `container:${containerName(id, 3, 'CloudId')}` })).toBe(true);
    expect(concerns(id, { stream: `container:${containerName(id, 3, 'CloudId', 12)}` })).toBe(true);
    expect(concerns(id, { stream: 'task:x', data: { deployment: id } })).toBe(true);
    expect(concerns(id, { stream: 'task:x', data: { container: containerName(id, 3, 'CloudId') } })).toBe(true);
    expect(concerns(id, { stream: 'request:localhost/demo', data: { deployment: id } })).toBe(true);
  });

  it('holds nothing of deployments with a similar name', () => {
    for (const other of ['localhost/demo2', 'localhost/demo/a', 'localhost/demo-1', 'localhost/']) {
      expect(concerns('localhost/demo', { stream: `deployment:${other}` })).toBe(false);
      expect(concerns('localhost/demo', { stream: `release:${other}#1` })).toBe(false);
      expect(concerns('localhost/demo', { stream: `container:${containerName(other, 1, 'CloudId')}` })).toBe(false);
      expect(concerns('localhost/demo', { stream: 'task:x', data: { deployment: other } })).toBe(false);
      expect(concerns('localhost/demo', { stream: 'request:x', data: { deployment: other } })).toBe(false);
      const container = containerName(other, 1, 'CloudId');
      expect(concerns('localhost/demo', { stream: 'task:x', data: { container } })).toBe(false);
    }
    expect(concerns('localhost/demo', { stream: 'cloud' })).toBe(false);
  });

  it.each(['task.callbackDue', 'task.callbackDelivered', 'task.callbackFailed'])(
    'holds %s of its tasks, whose other events name it',
    async (type) => {
      const told = event({ type, stream: 'task:t', data: { taskId: 't' } });
      const log = {
        async *read({ stream }: { stream?: string } = {}) {
          // What retention deleted of a task is its beginning.
          if (stream === 'task:t') yield* [told, event({ stream, data: { deployment: 'localhost/demo' } })];
        },
      };
      expect(await matcher({ deployment: 'localhost/demo' }, log)(told)).toBe(true);
      expect(await matcher({ deployment: 'localhost/demo2' }, log)(told)).toBe(false);
      expect(await matcher({ deployment: 'localhost/demo' }, log)({ ...told, stream: 'task:gone' })).toBe(false);
    },
  );
});

it('everything that is asked for must hold', () => {
  const at = Date.parse('2026-03-01T12:00:00.000Z');
  const all = { types: ['task.completed'], actor: 'admin', trace: 'trace', since: at, until: at };
  expect(matcher(all, nothing)(event({}))).toBe(true);
  expect(matcher({ ...all, types: ['task.failed'] }, nothing)(event({}))).toBe(false);
  expect(matcher({ ...all, actor: 'adm' }, nothing)(event({}))).toBe(false);
  expect(matcher({ ...all, actor: 'admin:k1' }, nothing)(event({}))).toBe(true);
  expect(matcher({ ...all, trace: 'other' }, nothing)(event({}))).toBe(false);
  expect(matcher({ ...all, since: at + 1 }, nothing)(event({}))).toBe(false);
  expect(matcher({ ...all, until: at - 1 }, nothing)(event({}))).toBe(false);
});

describe('typesOf', () => {
  it('takes names, commas, repetition and patterns', () => {
    expect(typesOf('cloud.initialized, key.created')).toEqual(['cloud.initialized', 'key.created']);
    expect(typesOf(['key.created', 'key.created'])).toEqual(['key.created']);
    expect(typesOf('task.*')).toEqual([
      'task.enqueued',
      'task.assigned',
      'task.completed',
      'task.failed',
      'task.timedOut',
      'task.cancelled',
      'task.callbackDue',
      'task.callbackDelivered',
      'task.callbackFailed',
    ]);
    expect(typesOf('*.failed')).toEqual(expect.arrayContaining(['release.failed', 'task.failed']));
  });

  it.each(['nothing.such', 'task', '(', '[a', 'task.*)'])('refuses %j', (type) => {
    expect(() => typesOf(type)).toThrowError(/No event type fits/);
  });
});

describe('momentOf', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  it.each([
    ['10m', now - 600_000],
    ['500ms', now - 500],
    ['2d', now - 2 * 86_400_000],
    ['2026-03-01', Date.parse('2026-03-01T00:00:00Z')],
    ['2026-03-01T11:00:00Z', now - 3_600_000],
  ])('%s', (text, moment) => expect(momentOf(text, now)).toBe(moment));

  it.each(['', 'yesterday', '10', '10 m', '2026-13-01', '-5m'])('refuses %j', (text) => {
    expect(() => momentOf(text, now)).toThrowError(/neither an ISO/);
  });
});
