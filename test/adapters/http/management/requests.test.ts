import { describe, expect, it } from 'vitest';
import { configOf, parsePlace, withChoices } from '../../../../adapters/http/management/deployment-request.ts';
import { droppedChoices } from '../../../../adapters/http/management/dropped-choices.ts';
import { MethodTable } from '../../../../adapters/http/management/method-table.ts';
import { checkServes } from '../../../../adapters/http/management/release-outcome.ts';
import { findRepository } from '../../../../adapters/http/management/repository-lookup.ts';
import type { Deployment } from '../../../../projections/deployments.ts';
import type { Release } from '../../../../projections/releases.ts';
import type { Repository } from '../../../../projections/repositories.ts';

describe('what is asked of a deployment', () => {
  it('what is not said stays open, and an empty text says nothing', () => {
    expect(configOf('demo', { branch: '', image: null, commit: 'ABCDEF' })).toEqual({
      agent: 'demo',
      repository: null,
      branch: null,
      commit: 'abcdef',
      tag: null,
      image: null,
      command: null,
      environment: {},
      transport: null,
    });
  });

  it('an update changes what it names and keeps the rest', () => {
    const before = configOf('demo', { repository: 'a', image: 'b', environment: { K: 'v' } });
    expect(withChoices(before, { image: 'c' })).toEqual({ ...before, image: 'c' });
    expect(withChoices(before, { environment: {} }).environment).toEqual({});
    expect(withChoices(before, { repository: null }).repository).toBeNull();
  });

  it('what is not said again is told by name, without values of the environment', () => {
    const before = configOf('demo', {
      branch: 'next',
      image: 'node:20',
      command: 'x',
      environment: { A: '1', B: '2' },
    });
    const again = { branch: 'main', image: 'node:20', environment: { B: '3' } };
    expect(droppedChoices(before, configOf('demo', again))).toEqual(['command', 'environment A']);
    expect(droppedChoices(before, configOf('demo', {}))).toEqual([
      'branch next',
      'image node:20',
      'command',
      'environment A, B',
    ]);
    expect(droppedChoices(before, before)).toEqual([]);
    const tagged = configOf('demo', { tag: 'v1', image: 'node:20', command: 'x', environment: { A: '', B: '' } });
    expect(droppedChoices(before, tagged)).toEqual([]);
    const found = configOf('demo', { repository: 'shops' });
    expect(droppedChoices(found, configOf('demo', {}))).toEqual(['repository shops']);
    expect(droppedChoices(found, configOf('another', {}))).toEqual([]);
  });

  it('a tag gives way to what wins over it, and lets go of a commit that would win over it', () => {
    const before = configOf('demo', { branch: 'main', tag: 'v1' });
    expect(before).toMatchObject({ branch: 'main', tag: 'v1', commit: null });
    expect(withChoices(before, { branch: 'next' })).toMatchObject({ branch: 'next', tag: null });
    expect(withChoices(before, { commit: 'ABCDEF' })).toMatchObject({ tag: 'v1', commit: 'abcdef' });
    expect(withChoices(configOf('demo', { commit: 'abcdef' }), { tag: 'v2' })).toMatchObject({
      tag: 'v2',
      commit: null,
    });
    expect(withChoices(before, { tag: '' }).tag).toBeNull();
    expect(() => configOf('demo', { tag: 'a..b' })).toThrow(/not a valid tag/);
  });

  it('another branch lets go of the commit, which would win over it', () => {
    const before = configOf('demo', { branch: 'main', commit: 'abcdef' });
    expect(withChoices(before, { branch: 'next' }).commit).toBeNull();
    expect(withChoices(before, { branch: 'main' }).commit).toBe('abcdef');
  });

  it.each(['../x', '-x', '', '__proto__'])('the agent may not be %j', (agent) => {
    expect(() => configOf(agent, {})).toThrowError(/agent name/);
  });

  it.each(['/management', '/auth/x', '/client', '/health', '/metrics'])('nothing is deployed at %s', (path) => {
    expect(() => parsePlace({ domain: 'localhost', path })).toThrowError(/Ploinky itself/);
  });
});

describe('MethodTable', () => {
  const table = new MethodTable();
  table.add('/a/:name', 'GET', false);
  table.add('/a/:name', ['POST'], false);
  table.add('/b/*', 'DELETE', true);

  it('knows the methods of an address', () => {
    expect(table.allowed('/a/x?y=/z')).toEqual(['GET', 'POST']);
    expect(table.allowed('/b/x/y')).toEqual(['DELETE']);
    expect(table.allowed('/a/x/y')).toEqual([]);
    expect(table.allowed('/c')).toEqual([]);
  });

  it('knows which are open', () => {
    expect(table.isOpen('/b/x')).toBe(true);
    expect(table.isOpen('/a/x')).toBe(false);
  });
});

describe('a settled release', () => {
  const release = (changes: Partial<Release>) =>
    ({ deployment: 'localhost/demo', n: 2, servedAt: null, ...changes }) as Release;
  const views = (changes: Partial<Deployment>) => ({
    deployments: new Map([['localhost/demo', { status: 'active', routed: 1, latest: 3, ...changes } as Deployment]]),
  });

  it('that serves, or did until a newer one came, is good', () => {
    expect(() => checkServes(views({}), release({ status: 'serving' }))).not.toThrow();
    const served = release({ status: 'retired', servedAt: 40 });
    expect(() => checkServes(views({ routed: 3 }), served)).not.toThrow();
    expect(() => checkServes(views({ status: 'removed', routed: null }), served)).not.toThrow();
  });

  it('that failed says why, in which stage, and where its log is', () => {
    const problem = { code: 'INSTALL_FAILED', message: 'npm ended with 1.', hint: 'Correct it.' };
    const failed = release({ status: 'failed', failure: { stage: 'install', problem, log: 'install.log' } });
    expect(() => checkServes(views({}), failed)).toThrowError(
      expect.objectContaining({
        code: 'INSTALL_FAILED',
        hint: 'Correct it.',
        details: { stage: 'install', log: 'install.log', release: 2 },
      }),
    );
  });

  it('that gave way says to what', () => {
    const retired = release({ status: 'retired' });
    expect(() => checkServes(views({}), retired)).toThrowError(expect.objectContaining({ code: 'SUPERSEDED' }));
    // Whoever asks again with the key of the request may ask when the newer one serves.
    expect(() => checkServes(views({ routed: 3 }), retired)).toThrowError(
      expect.objectContaining({ code: 'SUPERSEDED' }),
    );
    expect(() => checkServes(views({ status: 'removed', routed: null }), retired)).toThrowError(
      expect.objectContaining({ code: 'DEPLOYMENT_REMOVED' }),
    );
  });
});

describe('repositories', () => {
  const url = 'https://example.org/what?ever/it~is.git';
  const views = { repositories: new Map([['demo', { name: 'demo', url } as Repository]]) };

  it('are found by name, address, and base64 of either alphabet', () => {
    for (const wanted of ['demo', url, Buffer.from(url).toString('base64'), Buffer.from(url).toString('base64url')]) {
      expect(findRepository(views, wanted)?.name).toBe('demo');
    }
    expect(findRepository(views, 'other')).toBeUndefined();
  });
});
