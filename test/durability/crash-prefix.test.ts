import { describe, expect, it } from 'vitest';
import { canEndAfter, crashAfter, type Engine, endState, record, runningAfter } from './crash-prefix.ts';
import { script } from './recorded-history.ts';
import { sayFigures } from './say-figures.ts';

describe('a server that ends after each event of a history, and is started anew', () => {
  const recording = record([...script(1), ...script(2)]);
  const counts = recording.events.map((_, at) => at + 1).filter((count) => canEndAfter(recording, count));

  it.each<Engine>(['as told', 'one step ahead', 'rebooted'])(
    'comes to one and the same end, with the engine %s',
    (engine) => {
      const end = endState(recording.story, engine);
      for (const count of counts) {
        const story = crashAfter(recording, count, engine);
        expect(endState(story, engine), `after event ${count}`).toBe(end);
        const routed = [...story.views.deployments.values()].flatMap((d) => (d.routed ? [`${d.id}#${d.routed}`] : []));
        const containers = [...story.views.containers.values()];
        expect(containers.map((c) => `${c.deployment}#${c.release}`).sort()).toEqual(routed.sort());
        if (engine === 'as told') {
          expect([...runningAfter(story.events)].sort()).toEqual(containers.map(({ name }) => name).sort());
        }
      }
      sayFigures(`crash at every prefix, engine ${engine}`, null, {
        events: recording.events.length,
        prefixes: counts.length,
      });
    },
  );
});
