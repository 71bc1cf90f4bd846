import fc from 'fast-check';
import { expect, it } from 'vitest';
import { escapeHtml, html } from '../../../../adapters/http/pages/html.ts';

it('escapes every value and keeps markup of its own', () => {
  const rows = ['<b>', 'x'].map((name) => html`<td>${name}</td>`);
  expect(html`<tr title="${'"><script>'}">${rows}</tr>`.text).toBe(
    '<tr title="&#34;&#62;&#60;script&#62;"><td>&#60;b&#62;</td><td>x</td></tr>',
  );
});

it('leaves nothing that could begin or end markup', () => {
  fc.assert(fc.property(fc.string(), (text) => !/[<>"'`]/.test(escapeHtml(text))));
});
