import { expect, test } from 'vitest';
import { createEffectRunner } from '../../../adapters/pipeline/effect-runner.ts';
import type { Outcome, World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import { Story } from '../../story.ts';

const container = 'ploinky-demo';
const stream = `container:${container}`;
const names = { name: container, deployment: 'localhost/demo', release: 1, replica: 1, engine: 'docker' };
const started: readonly PloinkyDraft[] = [
  { type: 'container.startRequested', stream, data: { ...names, specHash: 'h', attempt: 1 } },
  { type: 'container.started', stream, data: { engineId: 'e' } },
];
const health = { transport: 'http', bootId: 'b', afterMs: 1, port: null } as const;
const healthy: PloinkyDraft = { type: 'container.healthy', stream, data: health };

test.each([
  ['unhealthy when nothing was stored', started, ['container.unhealthy']],
  ['nothing when its health was stored all the same', [...started, healthy], []],
])('a health check that the log could not take makes a container %s', async (_is, before, told) => {
  const story = new Story();
  story.tell(...before);
  const world = {
    views: story.views,
    record: async (outcome: Outcome) =>
      void story.tell(...(typeof outcome === 'function' ? outcome(story.views) : outcome)),
  } as unknown as World;
  const effect = {
    id: 'health',
    kind: 'checkHealth',
    lane: container,
    release: 'localhost/demo#1',
    container,
    attempt: 1,
    notBefore: 0,
    cause: 'e_1',
    trace: 'trace',
  } as const;
  await createEffectRunner(world).giveUp(effect, new PloinkyError('LOG_WRITE_FAILED', 'It could not be written.'));
  expect(story.events.slice(before.length).map(({ type }) => type)).toEqual(told);
});
