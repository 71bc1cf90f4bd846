import { expect, it, vi } from 'vitest';
import type { Engine, InspectedContainer } from '../../../adapters/engine/engine-port.ts';
import { StartedAnew } from '../../../adapters/pipeline/started-anew.ts';
import type { World } from '../../../adapters/pipeline/world.ts';

const names = Array.from({ length: 30 }, (_, i) => `c${i}`);

it('asks about many containers side by side, yet not about all at once, and about each once', async () => {
  let now = 0;
  let most = 0;
  const inspect = vi.fn(async (name: string) => {
    now += 1;
    most = Math.max(most, now);
    await new Promise((resolve) => setImmediate(resolve));
    now -= 1;
    return { engineId: name, status: 'running', startedAt: '2026-11-21T10:00:00Z' } as InspectedContainer;
  });
  const containers = new Map(
    names.map((name) => [name, { name, engineId: name, status: 'healthy', engine: 'docker' }]),
  );
  const parts = { views: { containers }, record: vi.fn(), logger: { debug: vi.fn() } };
  const startedAnew = new StartedAnew(parts as unknown as World);
  const engine = { name: 'docker', inspect } as unknown as Engine;
  await startedAnew.record(engine, new AbortController().signal);
  await startedAnew.record(engine, new AbortController().signal);
  expect(inspect.mock.calls.map(([name]) => name).sort()).toEqual([...names].sort());
  expect(most).toBe(8);
  expect(parts.record).not.toHaveBeenCalled();
});
