import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCall } from '../../../../adapters/http/gateway/call-form.ts';

const call = (body: string | null, contentType?: string, rest: string[] = ['hello'], query = '') => {
  return readCall({ rest, query, contentType, body });
};
const json = (value: unknown, rest?: string[], query?: string) => {
  return call(JSON.stringify(value), 'application/json', rest, query);
};

describe('the command', () => {
  it('is the last segment of the address', () => {
    expect(call(null, undefined, ['a', 'b']).command).toBe('b');
  });

  it('is index without one', () => expect(call(null, undefined, []).command).toBe('index'));

  it('is overridden by a JSON body', () => expect(json({ command: 'other', params: [] }).command).toBe('other'));

  it.each(['../x', '-rf', '.hidden', '__proto__', 'a b', 'a;b', ''])('may not be %j', (command) => {
    expect(() => json({ command })).toThrowError(/command name/);
    expect(() => call(null, undefined, [command])).toThrowError(/command name/);
  });

  it('must be a text', () => expect(() => json({ command: 5 })).toThrowError(/"command"/));
});

describe('params', () => {
  it('are the field of that name, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 5 }), (params) => {
        fc.pre(!JSON.stringify(params).includes('"__proto__"')); // refused, see json-text
        const sent = JSON.parse(JSON.stringify(params));
        expect(json({ params, ignored: 1 }).params).toEqual(sent);
      }),
    );
  });

  it.each([
    ['a single value', { params: 'World' }, ['World']],
    ['an object', { params: { a: 1 } }, [{ a: 1 }]],
    ['null', { params: null }, []],
    ['the values of the body in order, without params', { b: 1, command: 'hello', a: [2] }, [1, [2]]],
    ['an array as body', ['a', 1, null], ['a', 1, null]],
    ['a text as body', 'World', ['World']],
    ['a number as body', 5, [5]],
    ['nothing for null as body', null, []],
  ])('%s', (_name, body, params) => expect(json(body).params).toEqual(params));

  it('end with the values of the query, in order and repeated', () => {
    expect(json({ params: ['a'] }, ['hello'], 'x=b&y=c%20d&x=e').params).toEqual(['a', 'b', 'c d', 'e']);
    expect(call(null, undefined, ['hello'], 'name=World').params).toEqual(['World']);
  });
});

describe('bodies that are not announced as JSON', () => {
  it('curl -d sends JSON as a form', () => {
    expect(call('{"params":["World"]}', 'application/x-www-form-urlencoded').params).toEqual(['World']);
    expect(call('Hello World%21', 'application/x-www-form-urlencoded').params).toEqual(['Hello World!']);
  });

  it('a form gives its values in order', () => {
    const form = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string()), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(form, (pairs) => {
        const body = new URLSearchParams(pairs).toString();
        const values = [...new URLSearchParams(body).values()];
        expect(call(body, 'application/x-www-form-urlencoded; charset=utf-8').params).toEqual(values);
      }),
    );
  });

  it('text is one param, even when it looks like broken JSON', () => {
    expect(call('{hello', 'text/plain').params).toEqual(['{hello']);
    expect(call('World', undefined).params).toEqual(['World']);
    expect(call('5', undefined).params).toEqual(['5']);
  });

  it('text that is JSON is understood as such', () => {
    expect(call('{"params":["World"]}', 'text/plain;charset=UTF-8').params).toEqual(['World']);
  });

  it('an empty body is none', () => expect(call('', 'application/json').params).toEqual([]));
});

describe('refused', () => {
  it('malformed JSON, without repeating it', () => {
    const attempt = () => call('{"params":["secret-value"', 'application/json');
    expect(attempt).toThrowError(/not valid JSON/);
    expect(attempt).not.toThrowError(/secret-value/);
  });

  it.each(['{"__proto__":{"x":1}}', '{"params":[{"\\u005f_proto__":1}]}', '{"a":{"constructor":{"prototype":1}}}'])(
    'keys that reach prototypes: %s',
    (body) => expect(() => call(body, 'application/json')).toThrowError(/may not hold the key/),
  );

  it('nesting without end', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(() => call(deep, 'application/json')).toThrowError(/nested deeper/);
  });

  it('multipart', () => expect(() => call('--x', 'multipart/form-data; boundary=x')).toThrowError(/Multipart/));
});

it('never throws anything but a refusal', () => {
  const anything = fc.oneof(fc.string(), fc.json());
  const type = fc.constantFrom(undefined, 'application/json', 'text/plain', 'application/x-www-form-urlencoded', ';;');
  fc.assert(
    fc.property(anything, type, fc.string(), (body, contentType, query) => {
      try {
        expect(Array.isArray(readCall({ rest: ['c'], query, contentType, body }).params)).toBe(true);
      } catch (error) {
        expect(error).toHaveProperty(
          'code',
          expect.stringMatching(/^(INVALID_JSON|INVALID_NAME|PAYLOAD_INVALID|UNSUPPORTED_MEDIA_TYPE)$/),
        );
      }
    }),
  );
});
