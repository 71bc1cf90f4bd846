import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { restartDelayMs } from '../../decisions/restart-delay.ts';
import { outcome, settle } from '../scripted-world.ts';
import { cloudId, deploy, engineIs, initialized, type Story } from '../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;

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
