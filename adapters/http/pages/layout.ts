import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyReply } from 'fastify';
import { catalogue } from '../../../core/events/catalogue.ts';
import { Html, html } from './html.ts';

const style = new Html(readFileSync(new URL('page.css', import.meta.url), 'utf8'));
const script = new Html(readFileSync(new URL('live.js', import.meta.url), 'utf8'));

/** Calls and requests come by the thousand; pages show them with the figures. */
const busy = /^(?:task|request)\./;
const types = catalogue.map(({ type }) => type as string).filter((type) => !busy.test(type));
const patterns = [...new Set(types.map((type) => `${type.split('.')[0]}.*`))];

/**
 * Sends a whole page. It may load nothing: its style, and the script where it has one, carry a nonce of this answer. Not `'self'`,
 * since what is deployed at the same host has the same origin.
 */
export function sendPage(reply: FastifyReply, title: string, body: Html): FastifyReply {
  return send(reply, title, html`<body><main id="still">${body}</main></body>`, null);
}

/** A page that shows what happens as it happens. @param everyMs how often figures are looked at that no event tells of */
export function sendLivePage(
  reply: FastifyReply,
  { serverName, title, everyMs }: { serverName: string; title: string; everyMs: number },
  content: Html,
): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  const body = html`<body data-types="${types.join(' ')}" data-patterns="${patterns.join(',')}" data-every="${everyMs}">
<a class="skip" href="#content">To the content</a>
<header><h1><a href="/management">${serverName}</a></h1>
<p id="live" role="status">Not live: reload to see what is new</p>
<form method="post" action="/management/logout"><button>Log out</button></form></header>
<main id="content" tabindex="-1">${content}</main>
<script nonce="${nonce}">${script}</script>
</body>`;
  return send(reply, title, body, nonce);
}

function send(reply: FastifyReply, title: string, body: Html, scriptNonce: string | null): FastifyReply {
  const nonce = scriptNonce ?? randomBytes(16).toString('base64');
  const live = scriptNonce === null ? '' : `script-src 'nonce-${nonce}'; connect-src 'self'; `;
  reply.header(
    'content-security-policy',
    `default-src 'none'; ${live}style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  );
  reply.header('x-frame-options', 'DENY').type('text/html; charset=utf-8');
  const page = html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style nonce="${nonce}">${style}</style></head>
${body}
</html>
`;
  return reply.send(page.text);
}
