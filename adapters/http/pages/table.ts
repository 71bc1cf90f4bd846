import { type Html, html } from './html.ts';

export interface Row {
  /** Unique among the rows; by it a row stays the same one when the page is refreshed. */
  readonly key: string;
  /** As many as there are heads. The first one names the row. */
  readonly cells: readonly Html[];
}

/** A table under its heading. On a narrow screen each row becomes a block, and cells show the head that they stand under. */
export function table(title: string, heads: readonly string[], rows: readonly Row[]): Html {
  const id = `h-${title.toLowerCase().replaceAll(' ', '-')}`;
  return html`<section data-key="${id}" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
<div class="scroll" role="group" aria-labelledby="${id}" tabindex="0"><table aria-labelledby="${id}">
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ({ key, cells }) => html`<tr data-key="${key}">${cells.map((cell, i) => {
      return i === 0 ? html`<th scope="row">${cell}</th>` : html`<td data-head="${heads[i] ?? ''}">${cell}</td>`;
    })}</tr>
`,
  )}</tbody></table></div></section>
`;
}
