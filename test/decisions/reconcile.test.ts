import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { restartDelayMs } from '../../decisions/restart-delay.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;

describe('a deploy', () => {
  it('goes through every stage in order and ends serving', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy());
    expect(settle(story).map(({ kind }) => kind)).toEqual([
      'resolveSource',
      'resolveImage',
      'installRelease',
      'startContainer',
      'checkHealth',
      'routeRelease',
    ]);
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'active', routed: 1 });
    expect(story.views.containers.get(name)?.status).toBe('healthy');
  });

  it.each(['resolveSource', 'resolveImage', 'installRelease', 'startContainer', 'checkHealth'])(
    'that fails in %s leaves nothing running and no files',
    (kind) => {
      const story = initialized();
      settle(story);
      story.ask(deploy());
      settle(story, (effect) => effect.kind !== kind);
      expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'failed', routed: null });
      expect(story.views.releases.get('localhost/demo#1')).toMatchObject({ status: 'failed', cleaned: true });
      expect(story.views.containers.size).toBe(0);
    },
  );

  it('again: the old release serves until the new one is routed, then stops', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    const done = settle(story).map(({ kind }) => kind);
    expect(done.indexOf('routeRelease')).toBeLessThan(done.indexOf('stopContainer'));
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ routed: 2, latest: 2 });
    expect(story.views.releases.get('localhost/demo#1')?.status).toBe('retired');
    expect([...story.views.containers.values()].map((c) => c.release)).toEqual([2]);
  });

  it('again, and failing: the old release goes on serving', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy());
    settle(story, (effect) => effect.kind !== 'checkHealth');
    expect(story.views.deployments.get('localhost/demo')).toMatchObject({ status: 'active', routed: 1, latest: 2 });
    expect([...story.views.containers.values()].map((c) => [c.release, c.status])).toEqual([[1, 'healthy']]);
  });

  it('that overtakes one under way makes it give way', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy());
    const [first] = reconcile(story.views);
    if (first) story.tell(...outcome(story, first, true));
    story.ask(deploy());
    settle(story);
    expect(story.views.releases.get('localhost/demo#1')?.status).toBe('retired');
    expect(story.views.deployments.get('localhost/demo')?.routed).toBe(2);
  });
});

describe('a deploy of a static site', () => {
  it('runs nothing: its files are installed, looked at, and served', () => {
    const story = initialized();
    settle(story);
    story.ask(deploy('/site', 'site'));
    expect(settle(story).map(({ kind }) => kind)).toEqual([
      'resolveSource',
      'resolveImage',
      'installRelease',
      'routeRelease',
    ]);
    expect(story.views.deployments.get('localhost/site')).toMatchObject({ status: 'active', routed: 1 });
    expect(story.views.containers.size).toBe(0);
  });

  it('in place of an agent: that one serves until the files do, then stops', () => {
    const story = initialized();
    story.ask(deploy('/site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    const done = settle(story).map(({ kind }) => kind);
    expect(done.slice(done.indexOf('routeRelease'))).toEqual(['routeRelease', 'stopContainer', 'cleanRelease']);
    expect(story.views.containers.size).toBe(0);
  });

  it('again: the files of before go only when those of now are served', () => {
    const story = initialized();
    story.ask(deploy('/site', 'site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    const done = settle(story).map(({ kind }) => kind);
    expect(done.slice(-2)).toEqual(['routeRelease', 'cleanRelease']);
    expect(story.views.releases.get('localhost/site#1')).toMatchObject({ status: 'retired', cleaned: true });
    expect(story.views.releases.get('localhost/site#2')).toMatchObject({ status: 'serving', cleaned: false });
  });

  it('without its folder: what served before still does', () => {
    const story = initialized();
    story.ask(deploy('/site', 'site'));
    settle(story);
    story.ask(deploy('/site', 'site'));
    settle(story, (effect) => effect.kind !== 'routeRelease');
    expect(story.views.deployments.get('localhost/site')).toMatchObject({ status: 'active', routed: 1, latest: 2 });
    expect(story.views.releases.get('localhost/site#2')?.failure?.stage).toBe('health');
  });
});

describe('a serving container that ended', () => {
  const data = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
  const exited: PloinkyDraft = { type: 'container.exited', stream: `container:${name}`, data };
  const minutes = (n: number) => n * 60_000;

  function serving() {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    return story;
  }

  /** Ends it after so long a health, and answers how long it rests before its next start, which then works. */
  function pauseAfter(story: Story, healthyMs: number): number {
    story.clock += healthyMs;
    story.tell(exited);
    const [effect] = reconcile(story.views);
    const pause = (effect?.notBefore ?? Number.NaN) - story.clock;
    story.clock += pause;
    settle(story);
    return pause;
  }

  it('is started again after a second, then after pauses that double up to five minutes', () => {
    const story = serving();
    const pauses = Array.from({ length: 9 }, () => pauseAfter(story, 100) / 1000);
    expect(pauses).toEqual([1, 10, 20, 40, 80, 160, 300, 300, 300]);
    expect(story.views.containers.get(name)).toMatchObject({ status: 'healthy', attempt: 10, failures: 9 });
  });

  it('begins anew after ten healthy minutes, while its starts go on being numbered', () => {
    const story = serving();
    const pauses = [0, minutes(9), 0, minutes(10), 0].map((healthy) => pauseAfter(story, healthy) / 1000);
    expect(pauses).toEqual([1, 10, 20, 1, 10]);
    expect(story.views.containers.get(name)).toMatchObject({ attempt: 6 });
  });

  it('counts a start that was refused, and time of health across an adoption', () => {
    const story = serving();
    const stream = `container:${name}`;
    story.clock += minutes(6);
    story.tell({ type: 'container.adopted', stream, data: { engineId: 'id' } });
    settle(story);
    expect(pauseAfter(story, minutes(4))).toBe(1_000);
    story.tell(exited);
    const [effect] = reconcile(story.views);
    if (effect) story.tell(...outcome(story, effect, false));
    expect(story.views.containers.get(name)).toMatchObject({ status: 'exited', failures: 3, exit: null });
  });

  it('is not blamed for an engine that was away, however often', () => {
    const story = serving();
    for (let time = 1; time <= 5; time += 1) {
      story.tell({ ...exited, data: { ...data, reason: 'engineAway' } });
      const [effect] = reconcile(story.views);
      expect((effect?.notBefore ?? Number.NaN) - story.clock).toBe(1_000);
      story.clock += 1_000;
      settle(story);
    }
    expect(story.views.containers.get(name)).toMatchObject({ status: 'healthy', attempt: 6, failures: 0 });
  });

  it('rests between a second and five minutes, and never shorter than after the failure before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (failures) => {
        expect(restartDelayMs(failures)).toBeGreaterThanOrEqual(1_000);
        expect(restartDelayMs(failures)).toBeLessThanOrEqual(300_000);
        expect(restartDelayMs(failures + 1)).toBeGreaterThanOrEqual(restartDelayMs(failures));
      }),
    );
  });

  it('has as many failures as it ended since it was last healthy for ten minutes, whatever happened', () => {
    const life = fc.array(fc.integer({ min: 0, max: minutes(20) }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(life, (healths) => {
        const story = serving();
        const pauses = healths.map((health) => pauseAfter(story, health));
        const forgiven = healths.findLastIndex((health) => health >= minutes(10));
        const failures = healths.length - Math.max(0, forgiven);
        expect(story.views.containers.get(name)).toMatchObject({ failures, attempt: healths.length + 1 });
        expect(pauses.at(-1)).toBe(restartDelayMs(failures));
      }),
    );
  });
});

describe('a serving container that is not well', () => {
  const stream = `container:${name}`;
  const problem = { code: 'HEALTH_CHECK_FAILED', message: 'It is deaf.', hint: null };
  const unwell: PloinkyDraft = { type: 'container.unhealthy', stream, data: { problem } };

  function serving(agent = 'demo') {
    const story = initialized();
    story.ask(deploy('/demo', agent));
    settle(story);
    return story;
  }

  it('is ended, then started again after a pause', () => {
    const story = serving();
    const from = story.events.length;
    story.tell(unwell);
    expect(reconcile(story.views)).toMatchObject([{ kind: 'endContainer', container: name, reason: 'It is deaf.' }]);
    settle(story);
    expect(story.events.slice(from).map(({ type }) => type)).toEqual([
      'container.unhealthy',
      'container.restartRequested',
      'container.exited',
      'container.startRequested',
      'container.started',
      'container.healthy',
    ]);
    expect(story.views.containers.get(name)).toMatchObject({ status: 'healthy', failures: 1, attempt: 2 });
  });

  it('is ended all the same when a crash came between intent and end', () => {
    const story = serving();
    story.tell(unwell, { type: 'container.restartRequested', stream, data: { reason: 'It is deaf.' } });
    expect(reconcile(story.views).map(({ kind }) => kind)).toEqual(['endContainer']);
    settle(story);
    expect(story.events.filter(({ type }) => type === 'container.restartRequested')).toHaveLength(1);
  });

  it('is left running and asked again where its manifest says never', () => {
    const story = serving('never');
    story.tell(unwell);
    const [effect] = reconcile(story.views);
    expect(effect).toMatchObject({ kind: 'checkHealth', notBefore: story.clock + 10_000 });
  });

  it('is resumed when it was paused by hand, then asked', () => {
    const story = serving();
    story.tell({ type: 'container.paused', stream, data: {} });
    expect(settle(story).map(({ kind }) => kind)).toEqual(['resumeContainer', 'checkHealth']);
  });
});

describe('while an engine is away', () => {
  it('nothing is asked of it for what serves; when it is back everything that should happen does', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask(deploy('/other'));
    settle(story);
    const data = { exitCode: 1, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    story.tell({ type: 'container.exited', stream: `container:${name}`, data });
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/other', reason: null });
    expect(
      reconcile(story.views)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['startContainer', 'stopContainer']);
    story.tell(engineIs('away'));
    expect(reconcile(story.views)).toEqual([]);
    story.tell(engineIs('back'));
    settle(story);
    expect([...story.views.containers.values()].map((c) => [c.name, c.status])).toEqual([[name, 'healthy']]);
  });

  it('a release that is being made goes on, so that whoever waits is told', () => {
    const story = initialized();
    story.tell(engineIs('away'));
    story.ask(deploy());
    expect(settle(story, ({ kind }) => kind !== 'startContainer').map(({ kind }) => kind)).toContain('failRelease');
  });
});

describe('what a manifest says of restarts', () => {
  it.each([
    ['always', 0, true],
    ['always', 1, true],
    ['on-failure', 0, false],
    ['on-failure', 1, true],
    ['never', 0, false],
    ['never', 1, false],
  ])('%s after exit code %i: started again %s', (agent, exitCode, again) => {
    const story = initialized();
    story.ask(deploy('/demo', agent));
    settle(story);
    const data = { exitCode, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
    story.tell({ type: 'container.exited', stream: `container:${name}`, data });
    settle(story);
    expect(story.views.containers.get(name)?.status).toBe(again ? 'healthy' : 'exited');
    story.ask(deploy('/demo', agent));
    settle(story);
    expect([...story.views.containers.values()].map(({ release, status }) => [release, status])).toEqual([
      [2, 'healthy'],
    ]);
  });
});

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

function engineIs(step: 'away' | 'back'): PloinkyDraft {
  const stream = 'engine:process';
  const problem = { code: 'ENGINE_TIMEOUT', message: 'It hangs.', hint: null };
  if (step === 'away') return { type: 'engine.disconnected', stream, data: { engine: 'process', problem } };
  return { type: 'engine.connected', stream, data: { engine: 'process', version: '1', endpoint: 'e' } };
}

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
