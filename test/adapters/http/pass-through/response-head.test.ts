import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listedNames } from '../../../../adapters/http/pass-through/header-kinds.ts';
import {
  MalformedAnswer,
  mayTrail,
  parseResponseHead,
  parseTrailers,
} from '../../../../adapters/http/pass-through/response-head.ts';

const token = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/).map((name) => `X-${name}`);
const value = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?$/);

describe('the head of an answer', () => {
  it('gives back every header that goes on, in order and as it was spelt', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), fc.array(fc.tuple(token, value)), (status, headers) => {
        const lines = headers.map(([name, text]) => `${name}: ${text}`);
        const head = parseResponseHead([`HTTP/1.1 ${status} Fine`, ...lines].join('\r\n'), false);
        expect(head.status).toBe(status);
        expect(head.headers).toEqual(headers.flat());
      }),
    );
  });

  it('is taken or refused, and nothing else happens, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), fc.boolean(), (text, whole) => {
        try {
          const head = parseResponseHead(whole ? text : `HTTP/1.1 200 OK\r\n${text}`, false);
          // What Node is given to send holds nothing that could end a line.
          expect(head.headers.every((one) => /^[\t\x20-\x7e\x80-\xff]*$/.test(one))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedAnswer);
        }
      }),
    );
  });

  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5', 5, true],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5', 5, true],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked', 'chunked', true],
    ['neither', 'HTTP/1.1 200 OK', 'untilClose', false],
    ['204', 'HTTP/1.1 204 No Content\r\nContent-Length: 5', 0, true],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5', 0, true],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 5', 5, false],
    ['HTTP/1.0 that stays', 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive', 5, true],
    ['a farewell', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close', 5, false],
  ])('with %s says where its body ends and whether the connection stays', (_name, text, framing, keepAlive) => {
    expect(parseResponseHead(text, false)).toMatchObject({ framing, keepAlive });
    expect(parseResponseHead(text, true).framing).toBe(0);
  });

  it('says for how long the connection is kept', () => {
    const { keepAliveSeconds } = parseResponseHead('HTTP/1.1 200 OK\r\nKeep-Alive: max=9, timeout=7', false);
    expect(keepAliveSeconds).toBe(7);
  });
});

describe('what may follow a body', () => {
  it.each(['Content-Length', 'Transfer-Encoding', 'Host', 'Authorization', 'Cookie', 'Set-Cookie', 'X-Forwarded-For'])(
    'is not %s',
    (name) => {
      expect(mayTrail(name)).toBe(false);
      expect(parseTrailers(`${name}: x\r\nX-Sum: 1`)).toEqual([['X-Sum', '1']]);
    },
  );
});

describe('a Connection header', () => {
  it.each([
    ['keep-alive', null],
    ['Close', null],
    ['X-A, keep-alive,  x-b ', ['x-a', 'x-b']],
    ['', null],
  ])('%j lists %j', (text, names) => {
    expect(listedNames(text)).toEqual(names);
  });
});
