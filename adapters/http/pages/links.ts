import { type Html, html } from './html.ts';

/** Where the page of a deployment is. */
export const deploymentPath = '/management/deployment';

/** To the page of a deployment. */
export function linkTo(id: string): Html {
  return html`<a href="${deploymentPath}?of=${encodeURIComponent(id)}">${id}</a>`;
}
