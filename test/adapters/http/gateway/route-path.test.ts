import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { domainOf, longestPrefix, prefixIds, segmentsOf } from '../../../../adapters/http/gateway/route-path.ts';
import { isPloinkyError } from '../../../../core/errors/ploinky-error.ts';

const segment = fc.stringMatching(/^[a-c]{1,2}$/);
const path = fc.array(segment, { maxLength: 5 });

describe('longestPrefix', () => {
  it('finds what comparing with every deployment would find', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), path, (deployed, asked) => {
        const ids = new Set(deployed.map((segments) => `localhost/${segments.join('/')}`));
        const match = longestPrefix(prefixIds('localhost', asked), asked, (id) => (ids.has(id) ? id : undefined));
        const fitting = deployed
          .filter((segments) => segments.every((s, i) => s === asked[i]))
          .sort((a, b) => b.length - a.length)[0];
        expect(match).toEqual(
          fitting && { found: `localhost/${fitting.join('/')}`, rest: asked.slice(fitting.length) },
        );
      }),
    );
  });

  it('takes whole segments only', () => {
    const at = (id: string) => (id === 'localhost/demo' ? id : undefined);
    expect(longestPrefix(prefixIds('localhost', ['demolition']), ['demolition'], at)).toBeUndefined();
    expect(longestPrefix(prefixIds('localhost', ['demo', 'a', 'b']), ['demo', 'a', 'b'], at)?.rest).toEqual(['a', 'b']);
  });

  it('gives / the rest of the domain, and no other domain', () => {
    const at = (id: string) => (id === 'localhost/' ? id : undefined);
    expect(longestPrefix(prefixIds('localhost', ['x']), ['x'], at)?.rest).toEqual(['x']);
    expect(longestPrefix(prefixIds('example.org', ['x']), ['x'], at)).toBeUndefined();
  });
});

describe('segmentsOf', () => {
  it('decodes what was encoded', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }), { maxLength: 5 }),
        (segments) => {
          const honest = segments.filter((s) => s !== '.' && s !== '..' && !/[/\\\u0000-\u001f\u007f]/.test(s));
          expect(segmentsOf(`/${honest.map(encodeURIComponent).join('/')}`)).toEqual(honest);
        },
      ),
    );
  });

  it('passes over empty segments', () => {
    expect(segmentsOf('//demo///hello/')).toEqual(['demo', 'hello']);
  });

  it.each(['/demo/../x', '/demo/%2e%2e/x', '/demo/.', '/a%2fb', '/a%5cb', '/a%00', '/a%0a', '/%'])(
    'refuses %s',
    (at) => {
      expect(() => segmentsOf(at)).toThrowError(expect.toSatisfy((error) => isPloinkyError(error)));
    },
  );
});

describe('domainOf', () => {
  it.each([
    ['localhost:8000', 'localhost'],
    ['LOCALHOST', 'localhost'],
    ['127.0.0.1:8000', 'localhost'],
    ['127.1.2.3', 'localhost'],
    ['[::1]:8000', 'localhost'],
    ['Agents.Example.org.:80', 'agents.example.org'],
    ['192.168.1.5', '192.168.1.5'],
  ])('%s → %s', (host, domain) => expect(domainOf(host)).toBe(domain));

  it.each([undefined, '', ' ', 'a b', 'a/b', 'a@b', 'http://a', 'a:b', '[', 'a\u0000'])('refuses %j', (host) => {
    expect(() => domainOf(host)).toThrowError(/Host/);
  });
});
