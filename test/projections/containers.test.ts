import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import { type Container, containers } from '../../projections/containers.ts';
import { Story } from '../story.ts';

const stream = 'container:c';
const problem = { code: 'HEALTH_CHECK_FAILED', message: 'It is deaf.', hint: null };
const exit = { exitCode: 1, signal: null, oomKilled: false, output: 'o', reason: 'ended' } as const;
const asked = { name: 'c', deployment: 'd/p', release: 1, replica: 1, engine: 'process', specHash: 's', attempt: 2 };

const drafts: readonly PloinkyDraft[] = [
  { type: 'container.startRequested', stream, data: asked },
  { type: 'container.started', stream, data: { engineId: 'e' } },
  { type: 'container.restarted', stream, data: { engineId: 'e', attempt: 2 } },
  { type: 'container.adopted', stream, data: { engineId: 'e' } },
  { type: 'container.healthy', stream, data: { transport: 'http', bootId: 'b', afterMs: 1, port: null } },
  { type: 'container.unhealthy', stream, data: { problem } },
  { type: 'container.restartRequested', stream, data: { reason: 'It is deaf.' } },
  { type: 'container.paused', stream, data: {} },
  { type: 'container.resumed', stream, data: {} },
  { type: 'container.exited', stream, data: exit },
  { type: 'container.startFailed', stream, data: { problem } },
  { type: 'container.lost', stream, data: { reason: 'r' } },
  { type: 'container.stopRequested', stream, data: { reason: 'r' } },
  { type: 'container.drained', stream, data: { afterMs: 1, whole: true } },
  { type: 'container.stopped', stream, data: { exitCode: 0 } },
  { type: 'container.removed', stream, data: {} },
];

/** One event more: the state after it, or the same state and the code of the refusal. */
function step(state: Container | undefined, event: PloinkyEvent): { state: Container | undefined; refused?: string } {
  const draft = structuredClone(state);
  try {
    const evolved = containers.evolve(draft, event);
    return { state: evolved === null ? undefined : (evolved ?? draft) };
  } catch (error) {
    expect(draft).toEqual(state);
    return { state, refused: isPloinkyError(error) ? error.code : String(error) };
  }
}

const lives = fc.array(fc.tuple(fc.constantFrom(...drafts), fc.nat(20 * 60_000)), { maxLength: 80 });

describe('for every sequence of events', () => {
  it('a container takes an event or refuses it by its name, and then is as it was', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const story = new Story();
        let state: Container | undefined;
        for (const [draft, later] of life) {
          story.clock += later;
          const { state: next, refused } = step(state, story.place(draft));
          if (refused !== undefined) expect(refused).toBe('TRANSITION_ILLEGAL');
          state = next;
        }
      }),
    );
  });

  it('it is healthy only since it said so, and each failure counts once', () => {
    fc.assert(
      fc.property(lives, (life) => {
        const story = new Story();
        let state: Container | undefined;
        for (const [draft, later] of life) {
          story.clock += later;
          const before = state;
          const { state: next, refused } = step(state, story.place(draft));
          state = next;
          if (refused !== undefined || !before || !next) continue;
          if (next.status === 'healthy') expect(next.healthySince).not.toBeNull();
          if (next.status === 'exited') {
            expect([before.failures + 1, 1]).toContain(next.failures);
            expect(next.healthySince).toBeNull();
          } else expect([before.failures, 0]).toContain(next.failures);
        }
      }),
    );
  });
});

it('knows every event of a container', () => {
  expect([...new Set(drafts.map(({ type }) => type))].sort()).toEqual([...containers.types].sort());
});
