import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { definitionOf, type PloinkyDraft, type PloinkyEvent } from '../../core/events/catalogue.ts';
import { Store } from '../../core/kernel/store.ts';
import { effectiveSettings } from '../../core/settings/settings.ts';
import type { Decision } from '../../decisions/commands.ts';
import { undoableTypes } from '../../decisions/decide-undo.ts';
import { beforeOf, placeBefore } from '../../decisions/undo-before.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { settle } from '../scripted-world.ts';
import { config, deploy, initialized, type Story } from '../story.ts';

const id = 'localhost/demo';
let story: Story;
beforeEach(() => {
  story = initialized();
});

const viewsAt = (seq: number): Views => {
  const store = new Store<Views>(projections);
  store.replay(story.events.slice(0, seq));
  return store.views;
};

function undo(event: PloinkyEvent): Decision {
  const before = beforeOf(viewsAt(placeBefore(story.views, event)), event);
  const later = story.events.slice(event.seq);
  return story.ask({ type: 'undo', event, before, later, url: 'bundled:PloinkyDemo', reason: null }, event.id);
}

const newest = (type: PloinkyEvent['type']): PloinkyEvent => {
  const found = story.events.filter((event) => event.type === type).at(-1);
  if (!found) throw new Error(`there is no ${type}`);
  return found;
};

function serve(greeting: string, works = true, replicas?: number): void {
  const wish = { ...deploy(), config: { ...config, environment: { GREETING: greeting } } };
  story.ask(replicas === undefined ? wish : { ...wish, replicas });
  settle(story, (effect) => works || effect.kind !== 'checkHealth');
}

const undeploy = { type: 'undeploy', domain: 'localhost', path: '/demo', reason: null } as const;
const addRepository = {
  type: 'addRepository',
  name: 'own',
  url: 'https://h/own',
  branch: null,
  enabled: true,
  check: 'keep',
} as const;

/** What an operator set up, without ids, times and numbers of releases. */
function arrangement(views: Views): unknown {
  // A deployment of which nothing ever served is none.
  const living = [...views.deployments.values()].filter(({ routed }) => routed !== null);
  return {
    settings: effectiveSettings(views.cloud.get('cloud')?.settings ?? {}),
    domains: Object.fromEntries([...views.domains].sort()),
    repositories: Object.fromEntries(
      [...views.repositories].sort().map(([name, { url, branch, enabled }]) => [name, { url, branch, enabled }]),
    ),
    deployments: Object.fromEntries(
      living.map((deployment) => {
        const serving = views.releases.get(`${deployment.id}#${deployment.routed}`);
        const { commit = null, secrets = null } = serving?.source ?? {};
        const runs = serving && {
          commit,
          secrets,
          image: serving.image,
          engine: serving.engine,
          config: serving.config,
          replicas: deployment.replicas,
        };
        return [deployment.id, runs];
      }),
    ),
  };
}

const code = (decision: Decision) => (decision.kind === 'refused' ? decision.problem.code : null);

describe('undoing right after an event', () => {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom(
        'set',
        'host',
        'enable',
        'disable',
        'unhost',
        'repo',
        'unrepo',
        'toggle',
        'deploy',
        'fail',
        'undeploy',
        'scale',
        'deployMany',
      ),
      fc.nat(2),
    ),
    { minLength: 1, maxLength: 14 },
  );

  it('gives back what the event changed, whatever went before', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (all, routedInstead) => {
        story = initialized();
        let from = 0;
        for (const [what, n] of all) {
          const last = story.events.length;
          act(what, n);
          if (story.events.length > last) from = last;
        }
        const told = story.events.slice(from).filter(({ type }) => (undoableTypes as readonly string[]).includes(type));
        const event = routedInstead ? told.at(-1) : told[0];
        if (!event || (told.length > 1 && event.stream.startsWith('domain:') && !routedInstead)) return;
        const before = arrangement(viewsAt(placeBefore(story.views, event)));
        const decision = undo(event);
        expect(decision, JSON.stringify([event, decision])).toMatchObject({ kind: 'accepted' });
        settle(story);
        expect(arrangement(story.views)).toEqual(before);
        // Whatever failed in between: what is asked for is what serves.
        const { routed, config: asked } = story.views.deployments.get(id) ?? {};
        if (!event.stream.startsWith('deployment:') || event.type === 'deployment.scaled' || routed == null) return;
        expect(asked).toEqual(story.views.releases.get(`${id}#${routed}`)?.config);
      }),
      { numRuns: 300 },
    );
  });

  it('one after the other, newest first, leads all the way back, and undoing the undos forth again', () => {
    fc.assert(
      fc.property(steps, (any) => {
        // What never served is nothing to come back to.
        const all = any.filter(([what]) => what !== 'fail');
        story = initialized();
        const done: PloinkyEvent[] = [];
        for (const [what, n] of all) {
          const last = story.events.length;
          act(what, n);
          const told = story.events.slice(last).find(({ type }) => (undoableTypes as readonly string[]).includes(type));
          if (told) done.push(told);
        }
        const end = arrangement(story.views);
        const undos: PloinkyEvent[] = [];
        for (const event of [...done].reverse()) {
          const before = arrangement(viewsAt(event.seq - 1));
          expect(undo(event), JSON.stringify(event)).toMatchObject({ kind: 'accepted' });
          const told = story.events.find(({ cause }) => cause === event.id);
          if (told) undos.push(told);
          settle(story);
          expect(arrangement(story.views)).toEqual(before);
          expect(code(undo(event))).toBe('UNDO_IMPOSSIBLE');
        }
        expect(arrangement(story.views)).toEqual(arrangement(initialized().views));
        for (const event of undos.reverse()) {
          expect(undo(event), JSON.stringify(event)).toMatchObject({ kind: 'accepted' });
          settle(story);
        }
        expect(arrangement(story.views)).toEqual(end);
      }),
      {
        numRuns: 100,
        // A domain that comes back disabled is two events, which go together.
        examples: [
          [
            [
              ['host', 1],
              ['disable', 1],
              ['unhost', 1],
              ['host', 1],
              ['set', 0],
            ],
          ],
        ],
      },
    );
  });

  function act(what: string, n: number): void {
    const host = `h${n}.example`;
    const known = story.views.deployments.get(id);
    switch (what) {
      case 'set':
        story.ask({ type: 'changeSettings', values: { lastLogsLines: 10 + n } });
        break;
      case 'host':
        story.ask({ type: 'addDomain', name: host, enabled: true });
        break;
      case 'enable':
      case 'disable':
        story.ask({ type: 'setDomainEnabled', name: host, enabled: what === 'enable' });
        break;
      case 'unhost':
        story.ask({ type: 'removeDomain', name: host });
        break;
      case 'repo':
        story.ask({ ...addRepository, name: `r${n}`, url: `https://h/${n}` });
        break;
      case 'unrepo':
        story.ask({ type: 'removeRepository', name: `r${n}`, reason: null });
        break;
      case 'toggle':
        story.ask({ type: 'setRepositoryEnabled', name: `r${n}`, enabled: n !== 1 });
        break;
      case 'deploy':
      case 'fail':
        // Never twice the same: going back from that starts nothing, and cannot be undone.
        serve(`g${story.events.length}`, what === 'deploy');
        return;
      case 'deployMany':
        serve(`g${story.events.length}`, true, 1 + n);
        return;
      case 'scale':
        // Where nothing serves there is nothing to compare.
        if (!known || known.routed === null) return;
        story.ask({ type: 'scale', domain: 'localhost', path: '/demo', replicas: 1 + n });
        break;
      default:
        if (!known || known.status === 'removed' || known.routed === null) return;
        story.ask(undeploy);
    }
    settle(story);
  }
});

describe('undoing a deployment', () => {
  it('goes back to what served before, as a rollback that names it', () => {
    serve('one');
    serve('two');
    undo(newest('deployment.requested'));
    expect(story.events.at(-1)?.data).toMatchObject({ trigger: 'rollback', pinned: { release: 1 } });
  });

  it('ends it where nothing served before', () => {
    serve('one');
    undo(newest('deployment.routed'));
    settle(story);
    expect(story.views.deployments.get(id)?.status).toBe('removed');
  });

  it('that was a rollback goes forward again', () => {
    serve('one');
    serve('two');
    story.ask({
      type: 'rollback',
      domain: 'localhost',
      path: '/demo',
      target: 1,
      url: 'bundled:PloinkyDemo',
      secrets: 'then',
      reason: null,
      expectSeq: null,
    });
    settle(story);
    undo(newest('deployment.rolledBack'));
    expect(story.events.at(-1)?.data).toMatchObject({ trigger: 'rollback', pinned: { release: 2 } });
  });

  it('that is still being made withdraws it and leaves what serves', () => {
    serve('one');
    story.ask({ ...deploy(), config: { ...config, environment: { GREETING: 'two' } } });
    undo(newest('deployment.requested'));
    settle(story);
    expect(story.views.releases.get(`${id}#2`)?.status).toBe('retired');
    expect(story.views.deployments.get(id)).toMatchObject({ routed: 1, config: { environment: { GREETING: 'one' } } });
  });

  it('that was removed brings back what served', () => {
    serve('one');
    story.ask(undeploy);
    settle(story);
    undo(newest('deployment.removed'));
    settle(story);
    expect(story.views.releases.get(`${id}#2`)).toMatchObject({ status: 'serving', pinned: { release: 1 } });
  });

  it('that never served when it was removed has nothing to bring back', () => {
    serve('one', false);
    story.ask(undeploy);
    expect(code(undo(newest('deployment.removed')))).toBe('UNDO_IMPOSSIBLE');
  });
});

describe('an undo is refused, with the later events that stand in the way', () => {
  /** Seqs of what stands in the way. */
  function inTheWay(event: PloinkyEvent): readonly number[] {
    const length = story.events.length;
    const decision = undo(event);
    expect(story.events.length).toBe(length);
    expect(code(decision)).toBe('UNDO_BLOCKED');
    if (decision.kind !== 'refused') throw new Error('it was accepted');
    for (const { type, seq } of decision.because ?? []) {
      expect(decision.problem.message).toContain(`${type} (event ${seq})`);
    }
    return (decision.because ?? []).map(({ seq }) => seq);
  }

  it('when the setting was changed again', () => {
    story.ask({ type: 'changeSettings', values: { logLevel: 'debug' } });
    const first = newest('setting.changed');
    story.ask({ type: 'changeSettings', values: { port: 9_000 } });
    story.ask({ type: 'changeSettings', values: { logLevel: 'warn' } });
    expect(inTheWay(first)).toEqual([newest('setting.changed').seq]);
  });

  it('when something is deployed on the domain', () => {
    story.ask({ type: 'addDomain', name: 'h.example', enabled: true });
    story.ask({ ...deploy(), domain: 'h.example' });
    settle(story);
    expect(inTheWay(newest('domain.added'))).toEqual([newest('deployment.requested').seq]);
    story.ask({ ...undeploy, domain: 'h.example' });
    settle(story);
    expect(undo(newest('domain.added')).kind).toBe('accepted');
  });

  it('when a deployment came to life by an undo', () => {
    story.ask(addRepository);
    const own = { ...config, repository: 'own' };
    for (const GREETING of ['one', 'two']) {
      story.ask({ ...deploy(), config: { ...own, environment: { GREETING } } });
      settle(story);
    }
    undo(newest('deployment.requested'));
    settle(story);
    expect(
      inTheWay(
        story.events.find(({ type, stream }) => type === 'repository.added' && stream.endsWith(':own')) as PloinkyEvent,
      ),
    ).toEqual([newest('deployment.requested').seq]);
  });

  it('when a deployment comes from the repository', () => {
    story.ask(addRepository);
    story.ask({ ...deploy(), config: { ...config, repository: 'own' } });
    expect(inTheWay(newest('repository.added'))).toEqual([newest('deployment.requested').seq]);
  });

  it('when there is a newer release, or the deployment was removed', () => {
    serve('one');
    const first = newest('deployment.requested');
    serve('two');
    expect(inTheWay(first)).toContain(newest('deployment.requested').seq);
    const second = newest('deployment.requested');
    story.ask(undeploy);
    expect(inTheWay(second)).toEqual([newest('deployment.removed').seq]);
  });

  it('when the thing is back, or gone, by itself', () => {
    story.ask({ type: 'addDomain', name: 'h.example', enabled: true });
    story.ask({ type: 'removeDomain', name: 'h.example' });
    expect(
      inTheWay(story.events.find((e) => e.type === 'domain.added' && e.data.name === 'h.example') as PloinkyEvent),
    ).toEqual([newest('domain.removed').seq]);
    const removed = newest('domain.removed');
    story.ask({ type: 'addDomain', name: 'h.example', enabled: true });
    expect(inTheWay(removed)).toEqual([newest('domain.added').seq]);
  });
});

describe('an event that nothing takes back', () => {
  const origin = { id: 'e1', seq: 1, time: '', actor: 'a', cause: null, trace: 't', hash: '' };
  const undoable: readonly string[] = [...undoableTypes];
  const types = [
    'cloud.initialized',
    'key.created',
    'key.rotated',
    'key.revoked',
    'session.opened',
    'session.closed',
    'access.denied',
    'secret.set',
    'secret.removed',
    'repository.synced',
    'repository.syncFailed',
    'repository.syncRequested',
    'release.failed',
    'release.retired',
    'container.started',
    'container.exited',
    'engine.connected',
    'observation.gap',
    'task.enqueued',
    'task.completed',
    'deployment.rollbackFailed',
  ] as const satisfies readonly PloinkyDraft['type'][];

  it.each(types)('%s says why, and what to do instead', (type) => {
    expect(undoable).not.toContain(type);
    const v = definitionOf(type)?.v ?? 1;
    const event = { ...origin, type, v, stream: 'x:y', data: {} } as unknown as PloinkyEvent;
    const before = { domain: null, repository: null, deployment: null };
    const decision = story.ask({ type: 'undo', event, before, later: [], url: '', reason: null });
    expect(decision).toMatchObject({ kind: 'refused', problem: { code: 'UNDO_IMPOSSIBLE' } });
    if (decision.kind !== 'refused') return;
    expect(decision.problem.message).toMatch(/^Event 1, \S+, cannot be undone: .+\.$/);
    expect(decision.problem.message).not.toContain('there is nothing that takes it back');
    expect(decision.problem.hint).toMatch(/^[A-Z].+\.$/);
  });

  it('a rollback that started nothing is one of them', () => {
    serve('one');
    const data = { release: 1, target: 1, reason: null, outcome: 'noop', config: null } as const;
    story.tell({ type: 'deployment.rolledBack', stream: `deployment:${id}`, data });
    expect(code(undo(newest('deployment.rolledBack')))).toBe('UNDO_IMPOSSIBLE');
  });
});
