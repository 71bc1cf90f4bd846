import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readValue } from '../../../cli/secrets/read-value.ts';
import { nameAlone } from '../../../cli/secrets/secret-words.ts';
import { renewCommand } from '../../../cli/secrets/secrets-text.ts';
import { Session } from '../../../cli/session.ts';

const silent = { isTTY: false, write: () => true };

/** A session whose stdin gives these pieces. */
function session(pieces: readonly (string | Buffer)[] | null, isTTY = false): Session {
  const stdin = pieces === null ? {} : { stdin: Object.assign(Readable.from(pieces), { isTTY }) };
  const surroundings = {
    cwd: '/',
    home: '/',
    env: {},
    stdout: silent,
    stderr: silent,
    signal: new AbortController().signal,
    now: () => 0,
    ...stdin,
  };
  return new Session(surroundings, { json: false, debug: false });
}

const read = (pieces: readonly (string | Buffer)[], fromStdin = false) =>
  readValue(session(pieces), 'token', fromStdin);

describe('a value from a pipe', () => {
  it.each([
    ['one\n', 'one'],
    ['one\r\n', 'one'],
    ['one\n\n', 'one\n'],
    ['\none', '\none'],
    ['  spaces  ', '  spaces  '],
    ['\ufeffmark', '\ufeffmark'],
  ])('%j is %j', async (piped, value) => {
    expect(await read([piped])).toBe(value);
  });

  it('may come in pieces that cut characters apart', async () => {
    const bytes = Buffer.from('Zürich 🗝\n');
    expect(await read([...bytes].map((byte) => Buffer.from([byte])))).toBe('Zürich 🗝');
  });

  it('is refused where it is binary, and nothing of it is repeated', async () => {
    const refusal = read([Buffer.from([0x41, 0xff, 0xfe, 0x42])]);
    await expect(refusal).rejects.toMatchObject({
      code: 'SECRET_VALUE_INVALID',
      message: 'The value is binary: it is no UTF-8 text.',
      hint: expect.stringContaining('base64'),
    });
  });

  it('is refused as soon as it is too long', async () => {
    let pieces = 0;
    const endless = function* () {
      for (;;) {
        pieces += 1;
        yield Buffer.alloc(1024, 'x');
      }
    };
    const refusal = readValue(session(endless() as unknown as string[]), 'token', true);
    await expect(refusal).rejects.toMatchObject({ code: 'SECRET_VALUE_INVALID' });
    expect(pieces).toBeLessThan(100);
  });

  it('cannot come where stdin is the list of commands, or be typed where nobody sees the question', async () => {
    await expect(readValue(session(null), 'token', false)).rejects.toMatchObject({ code: 'USAGE' });
    await expect(readValue(session([], true), 'token', false)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'There is no terminal to ask for the value on.',
    });
  });
});

describe('the words of a command', () => {
  it('are a name and nothing else', () => {
    expect(nameAlone(['api-token'], 'set')).toBe('api-token');
    for (const words of [['token', 'sk-1'], ['token=sk-1'], ['=sk-1'], ['to ken=sk-1'], ['token', '']]) {
      expect(() => nameAlone(words, 'rotate')).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.not.stringContaining('sk-1') }),
      );
    }
    expect(() => nameAlone(['../x'], 'set')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
    expect(() => nameAlone(['x'.repeat(65)], 'set')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
  });

  it('that renew a deployment name its host, its path and its release', () => {
    const use = { deployment: 'agents.example.org/a/b', release: 7, version: 1, serving: true };
    expect(renewCommand(use)).toBe('p-cli cloud rollback agents.example.org /a/b --to 7 --secrets now');
  });
});
