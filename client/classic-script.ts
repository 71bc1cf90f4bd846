/**
 * Turns the compiled `ploinky-client.js` into a script for CommonJS, AMD and `<script src>`, where it defines the
 * global `PloinkyClient`. One source for all: nothing is built twice.
 *
 * @throws Error where the module imports something, or exports in a way other than before a declaration
 */
export function classicScript(module: string): string {
  const body = module.replace(/^\/\/# sourceMappingURL=.*$/gm, '').replace(/^export (?=class |function |const )/gm, '');
  const left = /^\s*(import\b|export\b).*$/m.exec(body);
  if (left) throw new Error(`the module cannot become a classic script because of: ${left[0].trim()}`);
  return `(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory();
  else if (typeof define === 'function' && define.amd) define([], factory);
  else root.PloinkyClient = factory();
})(typeof globalThis === 'object' ? globalThis : this, function () {
'use strict';
${body.trim()}
PloinkyClient.PloinkyClient = PloinkyClient;
PloinkyClient.PloinkyClientError = PloinkyClientError;
return PloinkyClient;
});
`;
}
