import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactedData, redactedError, redactor, withheld } from '../../../adapters/secrets/redact.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';

const value = 'correct "horse" staple/1';
const redact = redactor([{ name: 'TOKEN', value }]);

describe('values of secrets in a text', () => {
  it.each([
    ['as they are', value],
    ['as JSON', JSON.stringify(value).slice(1, -1)],
    ['percent-encoded', encodeURIComponent(value)],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64 for addresses', Buffer.from(value).toString('base64url')],
    ['in hex', Buffer.from(value).toString('hex')],
  ])('are replaced %s', (_how, form) => {
    expect(redact(`before ${form} after ${form}`)).toBe('before [secret TOKEN] after [secret TOKEN]');
  });

  it('are replaced line by line, since output is cut by lines', () => {
    const pem = '-----BEGIN KEY-----\nMIIabcdefghijkl\nmnopqrstuvwxyz01\n-----END KEY-----\n';
    const text = redactor([{ name: 'PEM', value: pem }])('x\nmnopqrstuvwxyz01\n-----END KEY-----\ny');
    expect(text).toBe('x\n[secret PEM]\n[secret PEM]\ny');
  });

  it('are replaced where a cut left only their end at the beginning', () => {
    expect(redact(`${value.slice(5)} and more`)).toBe('[secret TOKEN] and more');
  });

  it('stay where they are too short to be told from chance', () => {
    expect(redactor([{ name: 'PIN', value: '1234567' }])('1234567')).toBe('1234567');
    expect(redactor([])(value)).toBe(value);
  });

  it('are replaced whole where one is part of another', () => {
    const both = redactor([
      { name: 'SHORT', value: 'password' },
      { name: 'LONG', value: 'password-of-the-root' },
    ]);
    expect(both('a password-of-the-root b password c')).toBe('a [secret LONG] b [secret SHORT] c');
  });

  it('never stay, whatever stands around them', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (secret, before, after) => {
        fc.pre(secret.trim().length >= 8 && !'[secret X]'.includes(secret));
        const text = redactor([{ name: 'X', value: secret }])(`${before}${secret}${after}`);
        expect(text.split('[secret X]').some((part) => part.includes(secret))).toBe(false);
      }),
    );
  });

  it('that nobody can read make the whole text unsafe to show', () => {
    const hide = withheld('TOKEN version 2');
    expect(hide('anything')).toBe('[withheld: TOKEN version 2 cannot be read, so it cannot be taken out of this text]');
    expect(hide('\n')).toBe('\n');
  });
});

describe('an error', () => {
  it('loses them in message, hint, details and causes', () => {
    const cause = new Error(`engine: ${value}`);
    const options = { cause, hint: `Try ${value}.`, details: { output: [value], code: 1 } };
    const error = redactedError(new PloinkyError('START_FAILED', `It said ${value}.`, options), redact) as PloinkyError;
    expect(error).toMatchObject({
      code: 'START_FAILED',
      message: 'It said [secret TOKEN].',
      hint: 'Try [secret TOKEN].',
      details: { output: ['[secret TOKEN]'], code: 1 },
    });
    expect(error.cause).toBeUndefined();
    expect(error.stack).not.toContain(value);
  });

  it('may hold data nested as deep as it likes', () => {
    const nested: unknown[] = [];
    let at = nested;
    for (let depth = 0; depth < 100_000; depth += 1) {
      const inner: unknown[] = [value];
      at.push(inner);
      at = inner;
    }
    expect(JSON.stringify(redactedData(nested, redact))).not.toContain('horse');
    expect(redactedData({ [value]: [1, null, true] }, redact)).toEqual({ '[secret TOKEN]': [1, null, true] });
  });

  it('of another kind stays itself where it holds none', () => {
    const harmless = new DOMException('too late', 'TimeoutError');
    expect(redactedError(harmless, redact)).toBe(harmless);
    expect((redactedError(new Error(value), redact) as Error).message).toBe('[secret TOKEN]');
  });
});
