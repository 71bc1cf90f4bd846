import { Check } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { upcast } from '../../../core/events/upcast.ts';

const manifest = {
  name: 'demo',
  about: '',
  image: null,
  install: null,
  update: null,
  run: null,
  commands: {},
  runTask: null,
  environment: {},
  volumes: [],
  resources: { memoryBytes: null, cpus: null },
  network: 'bridge',
  transport: null,
  userFirst: false,
};
const resolved = { repository: 'mine', branch: null, commit: 'a'.repeat(40), subject: 'first', manifest };

const stored = (v: number, data: unknown): EventEnvelope => ({
  seq: 1,
  id: 'one',
  time: '2026-01-01T00:00:00.000Z',
  type: 'release.sourceResolved',
  v,
  stream: 'release:localhost/demo#1',
  data,
  actor: 'system:resolveSource',
  cause: null,
  trace: 'trace',
  hash: '0'.repeat(64),
});

const web = { port: 80, prefix: 'strip' };
const served = { web: null, static: null, concurrency: null, balance: 'leastBusy', audit: 'none' };

describe('release.sourceResolved of an older Ploinky', () => {
  it.each([
    [1, resolved, {}],
    [2, { ...resolved, secrets: { TOKEN: 3 } }, { TOKEN: 3 }],
  ])('in version %i is that of an agent', (v, data, secrets) => {
    const event = upcast(stored(v, data));
    expect(event?.data).toMatchObject({
      secrets,
      manifest: { web: null, static: null, concurrency: null, balance: 'leastBusy', audit: 'none' },
    });
    expect(Check(definitionOf('release.sourceResolved')?.schema ?? {}, event?.data)).toBe(true);
  });

  it.each([
    [{ ...manifest, ...served }, 'agent'],
    [{ ...manifest, ...served, web }, 'http'],
  ])('in version 3 was checked by the means of its kind', (before, kind) => {
    const event = upcast(stored(3, { ...resolved, secrets: {}, manifest: before }));
    expect(event?.data).toMatchObject({ manifest: { health: { check: { kind } }, restart: 'always', warm: 0 } });
    expect(Check(definitionOf('release.sourceResolved')?.schema ?? {}, event?.data)).toBe(true);
  });
});
