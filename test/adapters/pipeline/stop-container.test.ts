import { expect, it } from 'vitest';
import { stopContainer } from '../../../adapters/pipeline/stop-container.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { Story } from '../../story.ts';

const name = 'ploinky-demo';
const stream = `container:${name}`;
const origin = { actor: 'test', cause: null, trace: 'trace' };

/** A container that runs, in an engine that refuses so many stops. */
function running(refusals: number) {
  const story = new Story();
  const names = { name, deployment: 'localhost/demo', release: 1, replica: 1, engine: 'docker' };
  story.tell(
    { type: 'container.startRequested', stream, data: { ...names, specHash: 'h', attempt: 1 } },
    { type: 'container.started', stream, data: { engineId: 'e' } },
  );
  let left = refusals;
  const waits: string[] = [];
  const engine = {
    async stop() {
      if (left === 0) return { exitCode: 0 };
      left -= 1;
      throw new PloinkyError('ENGINE_UNAVAILABLE', 'docker refuses');
    },
    remove: async () => true,
  };
  const world = {
    views: story.views,
    settings: () => ({ stopGraceMs: 100, drainTimeoutMs: 100 }),
    record: async (drafts: readonly PloinkyDraft[]) => void story.tell(...drafts),
    engines: { get: async () => engine },
    requests: { idle: async (container: string) => void waits.push(container) },
  } as unknown as World;
  const stop = () => {
    const container = story.views.containers.get(name);
    if (!container) throw new Error('It is gone.');
    return stopContainer(world, container, 'replaced', origin, new AbortController().signal);
  };
  return { story, stop, waits };
}

it('a container whose engine refuses to stop it is told once to have drained, and waited for once', async () => {
  const { story, stop, waits } = running(2);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await expect(stop()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  }
  await stop();
  expect(story.events.slice(2).map(({ type }) => type)).toEqual([
    'container.stopRequested',
    'container.drained',
    'container.stopped',
    'container.removed',
  ]);
  expect(waits).toEqual([name]);
});

it('one that came back after all is drained anew with its next stop', async () => {
  const { story, stop, waits } = running(1);
  await expect(stop()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  const data = { reason: 'replaced' };
  story.tell(
    { type: 'container.lost', stream, data: { reason: 'vanished' } },
    { type: 'container.stopRequested', stream, data },
  );
  await stop();
  expect(story.events.filter(({ type }) => type === 'container.drained')).toHaveLength(2);
  expect(waits).toEqual([name, name]);
});
