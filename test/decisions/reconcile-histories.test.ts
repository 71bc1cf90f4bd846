import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../decisions/reconcile.ts';
import { outcome, settle } from '../scripted-world.ts';
import { deploy, engineIs, initialized } from '../story.ts';

type Step =
  | 'deploy'
  | 'undeploy'
  | 'scale'
  | 'effect'
  | 'halfway'
  | 'failure'
  | 'exit'
  | 'lost'
  | 'unwell'
  | 'pause'
  | 'away'
  | 'back';

/** A random life: requests, effects that work, fail or come half-way, containers that end or vanish. */
function live(steps: readonly [Step, number][]) {
  const story = initialized();
  const problem = { code: 'HEALTH_CHECK_FAILED', message: 'deaf', hint: null };
  for (const [step, choice] of steps) {
    const path = choice % 2 === 0 ? '/demo' : '/other';
    const effects = reconcile(story.views);
    const effect = effects[choice % Math.max(1, effects.length)];
    const running = [...story.views.containers.values()].filter((c) => ['started', 'healthy'].includes(c.status));
    const container = running[choice % Math.max(1, running.length)];
    const stream = `container:${container?.name}`;
    // The same path gets agents and sites by turns.
    if (step === 'deploy') story.ask(deploy(path, choice % 3 === 0 ? 'site' : 'demo'));
    if (step === 'undeploy') story.ask({ type: 'undeploy', domain: 'localhost', path, reason: null });
    if (step === 'scale') story.ask({ type: 'scale', domain: 'localhost', path, replicas: 1 + (choice % 4) });
    if (step === 'effect' && effect) story.tell(...outcome(story, effect, true));
    if (step === 'halfway' && effect) story.tell(...outcome(story, effect, true).slice(0, 1));
    if (step === 'failure' && effect) story.tell(...outcome(story, effect, false));
    if (step === 'exit' && container) {
      story.tell({
        type: 'container.exited',
        stream,
        data: { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' },
      });
    }
    if (step === 'away' || step === 'back') story.tell(engineIs(step));
    if (step === 'unwell' && container) story.tell({ type: 'container.unhealthy', stream, data: { problem } });
    if (step === 'pause' && container) story.tell({ type: 'container.paused', stream, data: {} });
    if (step === 'lost' && container) story.tell({ type: 'container.lost', stream, data: { reason: 'gone' } });
  }
  return story;
}

const lives = fc.array(
  fc.tuple(
    fc.constantFrom<Step>(
      ...([
        'deploy',
        'undeploy',
        'scale',
        'effect',
        'effect',
        'effect',
        'halfway',
        'failure',
        'exit',
        'lost',
        'unwell',
        'pause',
      ] as const),
    ),
    fc.nat(9),
  ),
  { maxLength: 60 },
);

describe('for every history', () => {
  it('reconciling twice asks for the same, and changes nothing', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const story = live(steps);
        expect(reconcile(story.views)).toEqual(reconcile(story.views));
      }),
    );
  });

  it('the world comes to rest, and then nothing more is asked for', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const story = live(steps).tell(engineIs('back'));
        settle(story);
        expect(reconcile(story.views)).toEqual([]);
      }),
    );
  });

  it('at rest exactly the routed releases run, each in as many healthy containers as were asked for, files in none', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const story = live(steps).tell(engineIs('back'));
        settle(story);
        const wanted = [...story.views.deployments.values()].flatMap(({ id, routed, replicas }) => {
          const files = story.views.releases.get(`${id}#${routed}`)?.config.agent === 'site';
          if (routed === null || files) return [];
          return Array.from({ length: replicas }, (_, i) => `${id}#${routed}.${i + 1} healthy`);
        });
        const running = [...story.views.containers.values()].map(
          ({ deployment, release, replica, status }) => `${deployment}#${release}.${replica} ${status}`,
        );
        expect(running.sort()).toEqual(wanted.sort());
      }),
    );
  });

  it('no two replicas have one name, and none is stopped that should answer', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const { views } = live(steps);
        const places = [...views.containers.values()].map((c) => `${c.deployment}#${c.release}.${c.replica}`);
        expect(new Set(places).size).toBe(places.length);
        for (const effect of reconcile(views)) {
          if (effect.kind !== 'stopContainer') continue;
          const container = views.containers.get(effect.container);
          const { routed, replicas } = views.deployments.get(container?.deployment ?? '') ?? {};
          const needed = container?.release === routed && (container?.replica ?? 0) <= (replicas ?? 0);
          const leaving = container?.status === 'stopRequested' || container?.status === 'stopped';
          expect(needed && !leaving).toBe(false);
        }
      }),
    );
  });

  it('effects of one container never run side by side', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        for (const effect of reconcile(live(steps).views)) {
          if ('container' in effect && effect.kind !== 'failRelease') expect(effect.lane).toBe(effect.container);
        }
      }),
    );
  });

  it('at most one thing is asked of a container at a time', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const asked = reconcile(live(steps).views).flatMap((effect) => {
          return 'container' in effect && effect.kind !== 'failRelease' ? effect.container : [];
        });
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  it('an effect that was begun is not asked for as another one', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const ids = reconcile(live(steps).views).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
      }),
    );
  });

  it('only containers that the log names are stopped', () => {
    fc.assert(
      fc.property(lives, (steps) => {
        const story = live(steps);
        for (const effect of reconcile(story.views)) {
          if (effect.kind === 'stopContainer') expect(story.views.containers.has(effect.container)).toBe(true);
        }
      }),
    );
  });
});
