import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, Decision } from '../../decisions/commands.ts';
import { precedingRelease } from '../../decisions/rollback-target.ts';
import type { DeploymentConfig } from '../../projections/deployments.ts';
import type { Release } from '../../projections/releases.ts';
import { settle } from '../scripted-world.ts';
import { config, deploy, initialized, manifest, type Story } from '../story.ts';

const id = 'localhost/demo';
let story: Story;
beforeEach(() => {
  story = initialized();
});

function code(decision: Decision): string | null {
  return decision.kind === 'refused' ? decision.problem.code : null;
}

/** Deploys a variant that comes to serve, or fails. */
function serve(greeting: string, works = true): void {
  const environment = { GREETING: greeting };
  story.ask({ ...deploy(), config: { ...config, environment } });
  settle(story, (effect) => works || effect.kind !== 'checkHealth');
}

function command(target: number, more: Partial<Extract<Command, { type: 'rollback' }>> = {}): Command {
  const place = { domain: 'localhost', path: '/demo', url: 'bundled:PloinkyDemo' };
  return { type: 'rollback', ...place, target, secrets: 'then', reason: null, expectSeq: null, ...more };
}

function back(works = true): number {
  const deployment = story.views.deployments.get(id);
  const target = deployment ? precedingRelease(story.views, deployment) : undefined;
  if (!target) throw new Error('nothing to go back to');
  story.ask(command(target.n));
  settle(story, (effect) => works || effect.kind !== 'checkHealth');
  return target.n;
}

/** Where a release goes back to, over any number of rollbacks. */
function rootOf(release: Release): Release {
  const target = release.pinned ? story.views.releases.get(`${id}#${release.pinned.release}`) : undefined;
  return target ? rootOf(target) : release;
}

function serving(): { n: number; config: DeploymentConfig } {
  const deployment = story.views.deployments.get(id);
  const release = story.views.releases.get(`${id}#${deployment?.routed}`);
  if (!release) throw new Error('nothing serves');
  return { n: release.n, config: release.config };
}

const since = (seq: number) => story.events.slice(seq).map(({ type }) => type);

describe('a rollback', () => {
  it('makes a new release of what the target ran, and says so where it comes to serve', () => {
    serve('one');
    serve('two');
    const before = story.events.length;
    story.ask(command(1, { reason: 'two is wrong' }));
    const requested = story.events.at(-1)?.data;
    expect(requested).toMatchObject({ release: 3, trigger: 'rollback', reason: 'two is wrong' });
    expect(requested).toMatchObject({ config: { environment: { GREETING: 'one' } } });
    expect(requested).toMatchObject({
      pinned: { release: 1, repository: 'PloinkyDemo', url: 'bundled:PloinkyDemo', branch: 'main' },
    });
    settle(story);
    expect(since(before)).toEqual([
      'deployment.requested',
      'release.sourceResolved',
      'release.imageResolved',
      'release.installed',
      'container.startRequested',
      'container.started',
      'container.healthy',
      'deployment.routed',
      'deployment.rolledBack',
      'release.retired',
      'container.stopRequested',
      'container.drained',
      'container.stopped',
      'container.removed',
      'release.cleaned',
    ]);
    const told = story.events.find(({ type }) => type === 'deployment.rolledBack')?.data;
    expect(told).toMatchObject({ release: 3, target: 1, outcome: 'deployed', reason: 'two is wrong' });
    expect(serving()).toMatchObject({ n: 3, config: { environment: { GREETING: 'one' } } });
  });

  it('to what serves already is told and starts nothing', () => {
    serve('one');
    serve('two');
    story.ask(command(1));
    settle(story);
    const before = story.events.length;
    story.ask(command(1));
    settle(story);
    expect(since(before)).toEqual(['deployment.rolledBack']);
    expect(story.events.at(-1)?.data).toMatchObject({ release: 3, target: 1, outcome: 'noop' });
  });

  it('to what serves takes back what was asked for since and is not yet served', () => {
    serve('one');
    story.ask({ ...deploy(), config: { ...config, environment: { GREETING: 'two' } } });
    story.ask(command(1));
    expect(story.views.releases.get(`${id}#2`)?.status).toBe('retired');
    expect(story.views.deployments.get(id)?.config.environment).toEqual({ GREETING: 'one' });
    settle(story);
    expect(serving().n).toBe(1);
  });

  it('that fails its health check leaves what serves, and says both', () => {
    serve('one');
    serve('two');
    const before = story.events.length;
    back(false);
    expect(since(before)).toContain('release.failed');
    const failed = story.events.find(({ type }) => type === 'deployment.rollbackFailed');
    expect(failed?.data).toMatchObject({ release: 3, target: 1, stage: 'health' });
    expect(serving().n).toBe(2);
  });

  it('brings a removed deployment back', () => {
    serve('one');
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    settle(story);
    expect(back()).toBe(1);
    expect(serving()).toMatchObject({ n: 2, config: { environment: { GREETING: 'one' } } });
  });
});

describe('without a target', () => {
  it('goes further back each time and never returns to what was left', () => {
    serve('one');
    serve('two');
    serve('three');
    expect(back()).toBe(2);
    expect(serving().n).toBe(4);
    expect(back()).toBe(1);
    expect(precedingRelease(story.views, story.views.deployments.get(id) as never)).toBeUndefined();
  });

  it('passes over what never served', () => {
    serve('one');
    serve('bad', false);
    serve('three');
    expect(back()).toBe(1);
  });

  it('goes back to a rollback under the number of its target', () => {
    serve('one');
    serve('two');
    back();
    serve('four');
    expect(back()).toBe(1);
  });

  it('never names a release that is newer than what serves, whatever went before', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('deploy', 'fail', 'back', 'undeploy'), { maxLength: 12 }), (steps) => {
        story = initialized();
        for (const [index, step] of steps.entries()) {
          const deployment = story.views.deployments.get(id);
          if (step === 'deploy' || step === 'fail') serve(`g${index}`, step === 'deploy');
          else if (step === 'undeploy' && deployment && deployment.status !== 'removed') {
            story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
            settle(story);
          } else if (step === 'back' && deployment && precedingRelease(story.views, deployment)) {
            const before =
              deployment.routed === null ? undefined : story.views.releases.get(`${id}#${deployment.routed}`);
            const target = back();
            expect(story.views.releases.get(`${id}#${target}`)?.servedAt).not.toBeNull();
            if (before) expect(target).toBeLessThan(rootOf(before).n);
            const { n, config: now } = serving();
            expect(now).toEqual(story.views.releases.get(`${id}#${target}`)?.config);
            expect(story.views.deployments.get(id)?.config).toEqual(now);
            expect(story.views.releases.get(`${id}#${n}`)?.status).toBe('serving');
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('a rollback is refused before anything starts', () => {
  it.each([
    ['of nothing', () => {}, command(1), 'DEPLOYMENT_NOT_FOUND'],
    ['to a release that is not there', () => serve('one'), command(9), 'RELEASE_NOT_FOUND'],
    ['to one that failed', () => serve('one', false), command(1), 'RELEASE_NEVER_SERVED'],
    ['to one that is being made', () => story.ask(deploy()), command(1), 'RELEASE_NEVER_SERVED'],
  ])('%s', (_what, prepare, wanted, expected) => {
    prepare();
    const before = story.events.length;
    expect(code(story.ask(wanted))).toBe(expected);
    expect(story.events.length).toBe(before);
  });

  it('when its domain is gone', () => {
    serve('one');
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    story.ask({ type: 'removeDomain', name: 'localhost' });
    expect(code(story.ask(command(1)))).toBe('DOMAIN_NOT_FOUND');
  });

  it('when the deployment changed after the event that was expected', () => {
    serve('one');
    const seen = story.views.deployments.get(id)?.changedAt ?? 0;
    serve('two');
    expect(code(story.ask(command(1, { expectSeq: seen })))).toBe('CHANGED_SINCE');
    const now = story.views.deployments.get(id)?.changedAt ?? 0;
    expect(story.ask(command(1, { expectSeq: now })).kind).toBe('accepted');
  });
});

describe('the secrets of a rollback', () => {
  const set = (name: string, version: number) =>
    story.tell({ type: 'secret.set', stream: `secret:${name}`, data: { name, version } });
  const removed = (name: string, versions: number[]) =>
    story.tell({ type: 'secret.removed', stream: `secret:${name}`, data: { name, versions } });
  const pinned = () => {
    const last = story.events.at(-1);
    return last?.type === 'deployment.requested' ? last.data.pinned?.secrets : undefined;
  };

  /** Release 1 with these versions, then a release 2. */
  function frozen(secrets: Record<string, number>): void {
    story.ask(deploy());
    const stream = `release:${id}#1`;
    const commit = 'a'.repeat(40);
    const data = { repository: 'PloinkyDemo', branch: 'main', commit, subject: 's', manifest, secrets };
    story.tell({ type: 'release.sourceResolved', stream, data });
    settle(story);
    serve('two');
  }

  it('are those of then, or those of today', () => {
    set('TOKEN', 1);
    frozen({ TOKEN: 1 });
    set('TOKEN', 2);
    story.ask(command(1));
    expect(pinned()).toEqual({ TOKEN: 1 });
    story.ask(command(1, { secrets: 'now' }));
    expect(pinned()).toEqual({ TOKEN: 2 });
  });

  it('that were destroyed are named, with what helps', () => {
    set('TOKEN', 1);
    frozen({ TOKEN: 1 });
    removed('TOKEN', [1]);
    const lost = story.ask(command(1));
    expect(lost).toMatchObject({ kind: 'refused', problem: { code: 'SECRET_DESTROYED' } });
    expect(lost).toMatchObject({ problem: { message: expect.stringContaining('TOKEN version 1') } });
    expect(lost).toMatchObject({ problem: { hint: expect.stringContaining('secret set TOKEN') } });
    expect(code(story.ask(command(1, { secrets: 'now' })))).toBe('SECRET_DESTROYED');
    set('TOKEN', 2);
    expect(story.ask(command(1))).toMatchObject({ problem: { hint: expect.stringContaining('--secrets now') } });
    expect(story.ask(command(1, { secrets: 'now' })).kind).toBe('accepted');
    expect(pinned()).toEqual({ TOKEN: 2 });
  });
});
