export interface CompiledModule {
  /** As the others import it, for example `client-error.js`. */
  readonly name: string;
  readonly text: string;
}

/**
 * Turns the compiled modules of the client, each after those that it imports, into one script for CommonJS, AMD and
 * `<script src>`, where it defines the global `PloinkyClient`. One source for all: nothing is built twice. They share one
 * scope there, so that no two may declare the same name.
 *
 * @throws Error where one imports something that did not come before it, or exports in a way other than before a declaration
 */
export function classicScript(modules: readonly CompiledModule[]): string {
  const before = new Set<string>();
  const body = modules.map(({ name, text }) => {
    const bare = text
      .replace(/^\/\/# sourceMappingURL=.*$/gm, '')
      .replace(/^import \{[^}]*\} from '\.\/([\w.-]+)';$/gm, (whole, from: string) => (before.has(from) ? '' : whole))
      .replace(/^export (?=class |(?:async )?function |const )/gm, '');
    const left = /^\s*(import\b|export\b).*$/m.exec(bare);
    if (left) throw new Error(`the module cannot become a classic script because of: ${left[0].trim()}`);
    before.add(name);
    return bare.trim();
  });
  return `(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory();
  else if (typeof define === 'function' && define.amd) define([], factory);
  else root.PloinkyClient = factory();
})(typeof globalThis === 'object' ? globalThis : this, function () {
'use strict';
${body.join('\n')}
PloinkyClient.PloinkyClient = PloinkyClient;
PloinkyClient.PloinkyClientError = PloinkyClientError;
return PloinkyClient;
});
`;
}
