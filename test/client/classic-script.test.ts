import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { classicScript } from '../../client/classic-script.ts';

const module = `export class PloinkyClientError extends Error {}
export class PloinkyClient {
    hello() { return 'hi'; }
}
${'//#'} sourceMappingURL=ploinky-client.js.map
`;

describe('the classic script', () => {
  it('defines a global in a browser', () => {
    const page: Record<string, unknown> = {};
    runInNewContext(classicScript(module), page);
    expect(runInNewContext('new PloinkyClient().hello()', page)).toBe('hi');
  });

  it('is a CommonJS module, whole or by name', () => {
    const commonJs = { exports: {} as { PloinkyClient?: unknown; PloinkyClientError?: unknown } };
    runInNewContext(classicScript(module), { module: commonJs });
    expect(commonJs.exports).toBeTypeOf('function');
    expect(commonJs.exports.PloinkyClient).toBe(commonJs.exports);
    expect(commonJs.exports.PloinkyClientError).toBeTypeOf('function');
  });

  it('is an AMD module', () => {
    let made: unknown;
    const define = Object.assign((_names: string[], factory: () => unknown) => (made = factory()), { amd: {} });
    runInNewContext(classicScript(module), { define });
    expect(made).toBeTypeOf('function');
  });

  it('refuses a module that imports, or exports otherwise', () => {
    expect(() => classicScript(`import x from 'y';\n${module}`)).toThrow("import x from 'y';");
    expect(() => classicScript(`${module}export default PloinkyClient;`)).toThrow('export default');
  });
});
