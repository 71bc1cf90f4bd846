import { Check } from 'typebox/value';
import { expect, it } from 'vitest';
import { definitionOf } from '../../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { upcast } from '../../../core/events/upcast.ts';

it('a container of an older Ploinky is the first of its release', () => {
  const name = 'ploinky-localhost-demo-1-abc123';
  const data = { name, deployment: 'localhost/demo', release: 1, engine: 'process', specHash: 'x', attempt: 1 };
  const stored: EventEnvelope = {
    seq: 1,
    id: 'one',
    time: '2026-01-01T00:00:00.000Z',
    type: 'container.startRequested',
    v: 1,
    stream: `container:${name}`,
    data,
    actor: 'system:startContainer',
    cause: null,
    trace: 'trace',
    hash: '0'.repeat(64),
  };
  const now = upcast(stored);
  expect(now?.data).toEqual({ ...data, replica: 1 });
  expect(Check(definitionOf('container.startRequested')?.schema ?? {}, now?.data)).toBe(true);
});
