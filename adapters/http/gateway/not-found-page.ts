import type { IncomingHttpHeaders } from 'node:http';
import { html } from '../pages/html.ts';

/** A person at a browser, rather than a program. */
export function wantsHtml(headers: IncomingHttpHeaders): boolean {
  const accept = headers.accept;
  return accept?.includes('text/html') === true;
}

export function notFoundPage(message: string, hint: string | null): string {
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found</title><h1>Not found</h1><p>${message}</p><p>${hint ?? ''}</p></html>`
    .text;
}
