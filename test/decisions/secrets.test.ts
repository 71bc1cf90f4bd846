import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Command, Decision } from '../../decisions/commands.ts';
import { freezeSecrets } from '../../decisions/release-secrets.ts';
import { precedingRelease } from '../../decisions/rollback-target.ts';
import { rollbacksThatNeed, usesOf } from '../../decisions/secret-uses.ts';
import { listSecrets } from '../../history/list-secrets.ts';
import { settle } from '../scripted-world.ts';
import { config, deploy, initialized, type Story } from '../story.ts';

let story: Story;
beforeEach(() => {
  story = initialized();
});

const set = (name: string, how: 'set' | 'rotate' = 'set'): Command => ({ type: 'setSecret', name, how });
const remove = (name: string, force = false): Command => ({ type: 'removeSecret', name, force });
const code = (decision: Decision) => (decision.kind === 'refused' ? decision.problem.code : null);
const needing = (...names: string[]) => ({
  ...deploy(),
  config: { ...config, environment: Object.fromEntries(names.map((name) => [name, { secret: name }])) },
});

describe('secrets', () => {
  it('get a version with each value, and no number twice', () => {
    story.ask(set('token'));
    story.ask(set('token', 'rotate'));
    story.ask(remove('token'));
    story.ask(set('token'));
    expect(
      story.events.filter(({ stream }) => stream === 'secret:token').map(({ type, data }) => [type, data]),
    ).toEqual([
      ['secret.set', { name: 'token', version: 1 }],
      ['secret.set', { name: 'token', version: 2 }],
      ['secret.removed', { name: 'token', versions: [1, 2] }],
      ['secret.set', { name: 'token', version: 3 }],
    ]);
    expect(listSecrets(story.views)).toMatchObject([{ name: 'token', version: 3, versions: [3], setBy: 'test' }]);
  });

  it('are rotated and removed only where they are', () => {
    expect(code(story.ask(set('token', 'rotate')))).toBe('SECRET_NOT_FOUND');
    expect(code(story.ask(remove('token')))).toBe('SECRET_NOT_FOUND');
    story.ask(set('token'));
    story.ask(remove('token'));
    expect(code(story.ask(set('token', 'rotate')))).toBe('SECRET_NOT_FOUND');
    expect(code(story.ask(remove('token')))).toBe('SECRET_NOT_FOUND');
    expect(listSecrets(story.views)).toEqual([]);
  });

  it('have no name that differs from another in upper and lower case only', () => {
    story.ask(set('token'));
    expect(code(story.ask(set('Token')))).toBe('INVALID_NAME');
    expect(code(story.ask(set('token')))).toBeNull();
  });

  it('never have a version that was not the next one', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('set', 'rotate', 'remove')));
    fc.assert(
      fc.property(steps, (asked) => {
        const told = initialized();
        for (const [name, what] of asked)
          told.ask(what === 'remove' ? remove(name) : set(name, what as 'set' | 'rotate'));
        for (const name of ['a', 'b']) {
          const versions = told.events.flatMap((e) =>
            e.type === 'secret.set' && e.data.name === name ? [e.data.version] : [],
          );
          expect(versions).toEqual(versions.map((_, i) => i + 1));
          const living = told.views.secrets.get(name)?.versions ?? [];
          const removals = told.events.flatMap((e) =>
            e.type === 'secret.removed' && e.data.name === name ? e.data.versions : [],
          );
          expect([...removals, ...living]).toEqual(versions);
        }
      }),
    );
  });
});

describe('a deploy', () => {
  it('that names an unknown secret is refused at once, with what to type', () => {
    story.ask(set('there'));
    const decision = story.ask(needing('there', 'gone', 'absent'));
    expect(decision).toMatchObject({
      kind: 'refused',
      problem: {
        code: 'SECRET_NOT_FOUND',
        message: 'The environment of localhost/demo names secrets that are not set: absent, gone.',
        hint: 'Run `p-cli cloud secret set absent` and `p-cli cloud secret set gone`, then deploy again.',
      },
    });
    story.ask(remove('there'));
    expect(code(story.ask(needing('there')))).toBe('SECRET_NOT_FOUND');
  });

  it('takes the newest version of each, once', () => {
    story.ask(set('a'));
    story.ask(set('a'));
    story.ask(set('b'));
    const environment = { X: { secret: 'a' }, Y: { secret: 'a' }, Z: { secret: 'b' }, PLAIN: 'c' };
    expect(freezeSecrets(story.views, environment, 'it')).toEqual({ kind: 'known', versions: { a: 2, b: 1 } });
  });
});

describe('a secret that is needed', () => {
  beforeEach(() => {
    story.ask(set('token'));
    story.ask(needing('token'));
  });

  it('is known from the request on, and with its version from its source on', () => {
    expect(usesOf(story.views, 'token')).toEqual([
      { deployment: 'localhost/demo', release: 1, version: null, serving: false },
    ]);
    settle(story);
    expect(usesOf(story.views, 'token')).toEqual([
      { deployment: 'localhost/demo', release: 1, version: 1, serving: true },
    ]);
    story.ask(set('token'));
    expect(listSecrets(story.views)).toMatchObject([{ version: 2, uses: [{ version: 1, current: false }] }]);
  });

  it('is known with its version from the request of a rollback on', () => {
    settle(story);
    story.ask({ ...deploy(), config });
    settle(story);
    const place = { domain: 'localhost', path: '/demo', url: 'bundled:PloinkyDemo', reason: null, expectSeq: null };
    story.ask({ type: 'rollback', ...place, target: 1, secrets: 'then' });
    expect(usesOf(story.views, 'token')).toEqual([
      { deployment: 'localhost/demo', release: 3, version: 1, serving: false },
    ]);
  });

  it('is removed only by force', () => {
    settle(story);
    expect(story.ask(remove('token'))).toMatchObject({
      problem: { code: 'SECRET_IN_USE', message: 'The secret token is needed by release 1 of localhost/demo.' },
    });
    expect(code(story.ask(remove('token', true)))).toBeNull();
  });

  it('is free when nothing that serves needs it, and names the rollbacks that did', () => {
    settle(story);
    story.ask({ ...deploy(), config });
    settle(story);
    expect(usesOf(story.views, 'token')).toEqual([]);
    expect(rollbacksThatNeed(story.views, 'token')).toEqual([
      { deployment: 'localhost/demo', release: 1, version: 1, serving: false },
    ]);
    expect(code(story.ask(remove('token')))).toBeNull();
  });
});

describe('a release that was made again for newer secrets', () => {
  const place = { domain: 'localhost', path: '/demo', url: 'bundled:PloinkyDemo', reason: null, expectSeq: null };
  const preceding = () => {
    const deployment = story.views.deployments.get('localhost/demo');
    return deployment && precedingRelease(story.views, deployment)?.n;
  };
  const renew = (target: number) => {
    story.ask(set('token'));
    story.ask({ type: 'rollback', ...place, target, secrets: 'now' });
    settle(story);
  };
  beforeEach(() => {
    story.ask(set('token'));
    story.ask(needing('token'));
    settle(story);
  });

  it('goes back to the same with the older ones, step by step', () => {
    renew(1);
    renew(2);
    expect(story.views.releases.get('localhost/demo#3')?.source?.secrets).toEqual({ token: 3 });
    expect(preceding()).toBe(2);
    story.ask({ type: 'rollback', ...place, target: 2, secrets: 'then' });
    settle(story);
    expect(story.views.releases.get('localhost/demo#4')?.source?.secrets).toEqual({ token: 2 });
    expect(preceding()).toBe(1);
  });

  it('is no renewal where something else served in between: what was left is not returned to', () => {
    story.ask({ ...needing('token'), config: { ...config, environment: { PLAIN: 'x' } } });
    settle(story);
    renew(1);
    expect(preceding()).toBeUndefined();
  });
});
