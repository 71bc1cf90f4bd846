import { describe, expect, it } from 'vitest';
import { notHealthy } from '../../../adapters/pipeline/not-healthy.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { errorDefinition } from '../../../core/errors/catalogue.ts';
import type { Manifest } from '../../../core/manifest/manifest.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Release } from '../../../projections/releases.ts';
import { manifest } from '../../story.ts';

const world = {
  engines: { get: async () => ({ output: async () => 'starting\n' }) },
  settings: () => ({ agentStartTimeoutMs: 400 }),
  secrets: {},
} as unknown as World;
const container = { name: 'c', engine: 'docker', deployment: 'localhost/demo', release: 3 } as Container;

function release(web: Manifest['web']): Release {
  return { source: { manifest: { ...manifest, web }, secrets: {} }, config: { environment: {} } } as unknown as Release;
}

it.each([
  ['an agent', null],
  ['a web service', { port: 3000, prefix: 'strip' } as const],
])(
  '%s that did not answer in time is named with its last lines, and the setting that gives it more',
  async (_, web) => {
    const { code, message, hint } = await notHealthy(world, release(web), container, null);
    expect([code, message]).toEqual([
      'NOT_HEALTHY',
      expect.stringContaining('within 400 ms. Its last lines: starting'),
    ]);
    expect(hint ?? errorDefinition(code).next).toContain('raise the setting agentStartTimeoutMs');
  },
);

describe('its last lines', () => {
  /** An engine that keeps stderr apart, and a log that has so many lines of it. */
  const lines = ['out 1', 'err 2', 'out 3', 'err 4', 'out 5', 'err 6'];
  const apart = ['out 1', 'out 3', 'out 5', 'err 2', 'err 4', 'err 6'];
  const told = async (stored: number) => {
    const output = async () => `${apart.join('\n')}\n`;
    const containerLogs = { lastLines: async () => lines.slice(0, stored) };
    const beside = { ...world, engines: { get: async () => ({ output }) }, containerLogs } as unknown as World;
    return (await notHealthy(beside, release(null), container, null)).message.split('\n');
  };

  it('stand below the sentence in the order in which they came', async () => {
    const sentence = 'The agent did not answer within 400 ms. Its last lines:';
    expect(await told(6)).toEqual([sentence, '  err 2', '  out 3', '  err 4', '  out 5', '  err 6']);
  });

  it('are those of the engine where the log does not have all of them yet', async () => {
    expect((await told(5)).slice(1)).toEqual(['  out 3', '  out 5', '  err 2', '  err 4', '  err 6']);
  });
});

describe('what to do about it', () => {
  const web = { port: 3000, prefix: 'strip' } as const;
  const hintOf = async (engine: string, said: string | null) => {
    const asked = {
      ...release(web),
      source: { manifest: { ...manifest, web, health: { ...manifest.health, ...ready } }, secrets: {} },
    };
    return (await notHealthy(world, asked as unknown as Release, { ...container, engine }, said)).hint;
  };
  const ready = { check: { kind: 'http', path: '/ready', status: [200, 299] } };
  const all = 'All that it wrote: `p-cli cloud logs localhost/demo --release 3`.';

  it.each([
    [
      'docker',
      'Let it listen on the port 3000, `port` of its manifest and the variable PORT, on all addresses of its container',
    ],
    ['process', 'Let it listen on the port in the variable PORT, on 127.0.0.1'],
  ])('names on %s the port to listen on, and the command that shows all lines', async (engine, words) => {
    const hint = await hintOf(engine, null);
    expect(hint).toContain(words);
    expect(hint).toContain(all);
  });

  it('speaks of its check and not of ports where it answers', async () => {
    const hint = await hintOf('docker', 'GET /ready was answered with status 500, not with 200 to 299');
    expect(hint).toContain('what `health` of its manifest asks for');
    expect(hint).not.toContain('listen');
    expect(hint).toContain(all);
  });
});
