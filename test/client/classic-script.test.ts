import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { classicScript } from '../../client/classic-script.ts';

const module = `export class PloinkyClientError extends Error {}
export class PloinkyClient {
    hello() { return 'hi'; }
}
${'//#'} sourceMappingURL=ploinky-client.js.map
`;

const script = (...texts: string[]) => classicScript(texts.map((text, i) => ({ name: `${i}.js`, text })));

describe('the classic script', () => {
  it('defines a global in a browser', () => {
    const page: Record<string, unknown> = {};
    runInNewContext(script(module), page);
    expect(runInNewContext('new PloinkyClient().hello()', page)).toBe('hi');
  });

  it('is a CommonJS module, whole or by name', () => {
    const commonJs = { exports: {} as { PloinkyClient?: unknown; PloinkyClientError?: unknown } };
    runInNewContext(script(module), { module: commonJs });
    expect(commonJs.exports).toBeTypeOf('function');
    expect(commonJs.exports.PloinkyClient).toBe(commonJs.exports);
    expect(commonJs.exports.PloinkyClientError).toBeTypeOf('function');
  });

  it('is an AMD module', () => {
    let made: unknown;
    const define = Object.assign((_names: string[], factory: () => unknown) => (made = factory()), { amd: {} });
    runInNewContext(script(module), { define });
    expect(made).toBeTypeOf('function');
  });

  it('joins modules, each of which finds what came before it', () => {
    const page: Record<string, unknown> = {};
    const greeting = "export function greeting() { return 'hi'; }";
    runInNewContext(
      script(greeting, `import { greeting } from './0.js';\n${module.replace("'hi'", 'greeting()')}`),
      page,
    );
    expect(runInNewContext('new PloinkyClient().hello()', page)).toBe('hi');
    expect(() => script(`import { greeting } from './1.js';\n${module}`, greeting)).toThrow('./1.js');
  });

  it('refuses a module that imports, or exports otherwise', () => {
    expect(() => script(`import x from 'y';\n${module}`)).toThrow("import x from 'y';");
    expect(() => script(`${module}export default PloinkyClient;`)).toThrow('export default');
  });
});
