import { describe, expect, it } from 'vitest';
import type { Decision } from '../../decisions/commands.ts';
import { settle } from '../scripted-world.ts';
import { config, deploy, initialized } from '../story.ts';

function types(decision: Decision): string[] {
  return decision.kind === 'accepted' ? decision.events.map(({ type }) => type) : [];
}

function code(decision: Decision): string | null {
  return decision.kind === 'refused' ? decision.problem.code : null;
}

describe('init', () => {
  it('makes the cloud, its key, localhost and the bundled agents', () => {
    expect(initialized().events.map(({ type }) => type)).toEqual([
      'cloud.initialized',
      'key.created',
      'domain.added',
      'repository.added',
    ]);
  });

  it('is refused the second time', () => {
    const again = { type: 'initializeCloud', cloudId: 'x', version: '0', keyId: 'k', keyHash: 'h', bundledUrl: null };
    expect(code(initialized().ask({ ...again, type: 'initializeCloud' }))).toBe('ALREADY_INITIALIZED');
  });
});

describe('settings', () => {
  it('change with the value before', () => {
    const story = initialized();
    story.ask({ type: 'changeSettings', values: { logLevel: 'debug' } });
    expect(story.events.at(-1)?.data).toEqual({ name: 'logLevel', value: 'debug', previous: 'info' });
  });

  it('that stay the same make no event', () => {
    expect(types(initialized().ask({ type: 'changeSettings', values: { logLevel: 'info' } }))).toEqual([]);
  });

  it.each([
    ['moonPhase', 'full', 'UNKNOWN_SETTING'],
    ['__proto__', {}, 'UNKNOWN_SETTING'],
    ['constructor', 1, 'UNKNOWN_SETTING'],
    ['logLevel', 'loud', 'INVALID_SETTING'],
    ['port', 70_000, 'INVALID_SETTING'],
  ])('%s = %j is refused', (name, value, expected) => {
    const values = Object.fromEntries([[name, value]]);
    expect(code(initialized().ask({ type: 'changeSettings', values }))).toBe(expected);
  });

  it('are all or none', () => {
    const story = initialized();
    story.ask({ type: 'changeSettings', values: { logLevel: 'debug', port: 'x' } });
    expect(story.views.cloud.get('cloud')?.settings).toEqual({});
  });
});

describe('keys', () => {
  it('rotate: the new one first, the old ones and their sessions end', () => {
    const story = initialized();
    const times = { now: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-02T00:00:00.000Z' };
    story.ask({ type: 'openSession', sessionId: 's', tokenHash: 't', keyId: 'k_1', userId: 'admin', ...times });
    const decision = story.ask({ type: 'rotateKey', keyId: null, newKeyId: 'k_2', newKeyHash: 'h2' });
    expect(types(decision)).toEqual(['key.created', 'key.rotated', 'session.closed']);
    expect(story.views.keys.get('k_1')?.status).toBe('rotated');
    expect(story.views.sessions.size).toBe(0);
  });

  it('the last one cannot be revoked', () => {
    expect(code(initialized().ask({ type: 'revokeKey', keyId: 'k_1', reason: null }))).toBe('INVALID_REQUEST');
  });

  it('expired sessions are swept by the next login', () => {
    const story = initialized();
    const login = { type: 'openSession', tokenHash: 't', keyId: 'k_1', userId: 'admin' } as const;
    story.ask({ ...login, sessionId: 'a', now: '2026-01-01T00:00:00.000Z', expiresAt: '2026-01-02T00:00:00.000Z' });
    story.ask({ ...login, sessionId: 'b', now: '2026-01-03T00:00:00.000Z', expiresAt: '2026-01-04T00:00:00.000Z' });
    expect([...story.views.sessions.keys()]).toEqual(['b']);
  });
});

describe('domains and repositories', () => {
  it('added twice make one event', () => {
    const story = initialized();
    expect(types(story.ask({ type: 'addDomain', name: 'localhost', enabled: true }))).toEqual([]);
    const repo = { type: 'addRepository', name: 'r', url: 'https://h/r', branch: null, enabled: true } as const;
    expect(types(story.ask({ ...repo, check: 'keep' }))).toEqual(['repository.added']);
    expect(types(story.ask({ ...repo, check: 'keep' }))).toEqual([]);
    expect(code(story.ask({ ...repo, url: 'https://h/other', check: 'keep' }))).toBe('REPOSITORY_EXISTS');
  });

  it('a domain with deployments is not removed', () => {
    const story = initialized();
    story.ask(deploy());
    expect(code(story.ask({ type: 'removeDomain', name: 'localhost' }))).toBe('DOMAIN_IN_USE');
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    expect(types(story.ask({ type: 'removeDomain', name: 'localhost' }))).toEqual(['domain.removed']);
  });
});

describe('deploy', () => {
  it('on an unknown domain or from an unknown repository is refused', () => {
    const story = initialized();
    expect(code(story.ask({ ...deploy(), domain: 'nowhere.example' }))).toBe('DOMAIN_NOT_FOUND');
    expect(code(story.ask({ ...deploy(), config: { ...config, repository: 'x' } }))).toBe('REPOSITORY_NOT_FOUND');
  });

  it('numbers releases on, also after an undeploy, and past 255', () => {
    const story = initialized();
    for (let n = 1; n <= 257; n += 1) {
      story.ask(deploy());
      if (n % 50 === 0) story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    }
    expect(story.views.deployments.get('localhost/demo')?.latest).toBe(257);
    expect(story.views.releases.has('localhost/demo#256')).toBe(true);
  });

  it('tells a first deploy from a redeploy', () => {
    const story = initialized();
    const triggers = () => story.events.flatMap((e) => (e.type === 'deployment.requested' ? [e.data.trigger] : []));
    story.ask(deploy());
    story.ask(deploy());
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    story.ask(deploy());
    expect(triggers()).toEqual(['deploy', 'redeploy', 'deploy']);
  });
});

describe('undeploy', () => {
  it('stops everything and cleans up', () => {
    const story = initialized();
    story.ask(deploy());
    settle(story);
    story.ask({ type: 'undeploy', domain: 'localhost', path: '/demo', reason: null });
    settle(story);
    expect(story.views.containers.size).toBe(0);
    expect(story.views.releases.get('localhost/demo#1')).toMatchObject({ status: 'retired', cleaned: true });
  });

  it('of nothing is refused', () => {
    const undeploy = { type: 'undeploy', domain: 'localhost', path: '/demo', reason: null } as const;
    expect(code(initialized().ask(undeploy))).toBe('DEPLOYMENT_NOT_FOUND');
  });
});
