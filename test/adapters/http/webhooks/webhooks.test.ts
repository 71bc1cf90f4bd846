import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebhookPace } from '../../../../adapters/http/webhooks/pace.ts';
import { signedByGitHub, tokenOfGitLab } from '../../../../adapters/http/webhooks/proof.ts';
import { readGitHub, readGitLab } from '../../../../adapters/http/webhooks/read-push.ts';

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const commit = 'c'.repeat(40);
const push = { ref: 'refs/heads/main', after: commit };

describe('the proof of a webhook', () => {
  it('is the example that GitHub gives in its documentation', () => {
    const header = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    expect(signedByGitHub(bytes('Hello, World!'), header, "It's a Secret to Everybody")).toBe(true);
  });

  it('holds for the same bytes and the same secret alone', () => {
    const sign = (body: Uint8Array, secret: string) =>
      `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ minLength: 1 }),
        fc.string({ minLength: 1 }),
        (body, a, b) => {
          expect(signedByGitHub(body, sign(body, a), a)).toBe(true);
          expect(signedByGitHub(body, sign(body, b), a)).toBe(a === b);
          expect(signedByGitHub(Buffer.concat([body, bytes('x')]), sign(body, a), a)).toBe(false);
          expect(tokenOfGitLab(b, a)).toBe(a === b);
        },
      ),
    );
  });

  it.each([undefined, '', 'sha256=', 'sha1=757107ea', 'sha256=é'])('is not %j', (header) => {
    expect(signedByGitHub(bytes('x'), header, 's')).toBe(false);
    expect(tokenOfGitLab(header, 's')).toBe(false);
  });
});

describe('what a host tells', () => {
  it('is a push to a branch, a ping, or something else', () => {
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'd-1' };
    const told = { kind: 'push', branch: 'main', commit, delivery: 'd-1' };
    expect(readGitHub(bytes(push), headers)).toEqual(told);
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    expect(readGitHub(bytes(`payload=${encodeURIComponent(JSON.stringify(push))}`), form)).toEqual(told);
    expect(readGitHub(bytes('not even JSON'), { 'x-github-event': 'ping' })).toEqual({ kind: 'ping' });
    expect(readGitHub(bytes({}), { 'x-github-event': 'issues' })).toEqual({ kind: 'other' });
    expect(readGitHub(bytes({ ...push, ref: 'refs/tags/v1' }), headers)).toEqual({ kind: 'other' });
    expect(readGitHub(bytes({ ...push, after: '0'.repeat(40), deleted: true }), headers)).toEqual({ kind: 'other' });
    expect(readGitLab(bytes(push), { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': 'u' })).toEqual({
      ...told,
      delivery: 'u',
    });
    expect(readGitLab(bytes(push), { 'x-gitlab-event': 'Tag Push Hook' })).toEqual({ kind: 'other' });
  });

  it('without an id is known by its bytes, and ids that are no plain text are none', () => {
    const ids = [{}, { 'x-github-delivery': '\u001b[31m' }, { 'x-github-delivery': 'x'.repeat(201) }].map((more) => {
      const told = readGitHub(bytes(push), { 'x-github-event': 'push', ...more });
      return told.kind === 'push' ? told.delivery : null;
    });
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^sha256:[0-9a-f]{32}$/);
  });

  it('is refused where it is no JSON, and never more than a guess otherwise', () => {
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'd' };
    expect(() => readGitHub(bytes('{'), headers)).toThrow(/not valid JSON/);
    for (const odd of [null, 1, [], {}, { ref: 1, after: {} }]) {
      expect(readGitHub(bytes(odd), headers)).toMatchObject({ kind: 'push', branch: null, commit: null });
    }
  });
});

describe('the pace of a repository', () => {
  it('is sixty messages a minute, each repository by itself', () => {
    let now = 1_000;
    const pace = new WebhookPace(() => now);
    const waits = Array.from({ length: 62 }, () => pace.waitSeconds('r'));
    expect(waits.slice(0, 60).every((wait) => wait === 0)).toBe(true);
    expect(waits.slice(60)).toEqual([60, 60]);
    expect(pace.waitSeconds('other')).toBe(0);
    now += 60_000;
    expect(pace.waitSeconds('r')).toBe(0);
  });
});
