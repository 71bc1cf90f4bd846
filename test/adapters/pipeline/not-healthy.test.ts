import { expect, it } from 'vitest';
import { notHealthy } from '../../../adapters/pipeline/check-health.ts';
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
const container = { name: 'c', engine: 'docker' } as Container;

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
