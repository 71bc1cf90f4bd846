import type { FastifyRequest } from 'fastify';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { App } from '../fastify-types.ts';
import { parseJson } from '../json-text.ts';

/** JSON and forms. What comes with a DELETE may be anything, since its address can say everything. */
export function readBodies(app: App): void {
  app.removeAllContentTypeParsers();
  const parser = (parse: (body: string) => unknown) => {
    return (request: FastifyRequest, body: string | Buffer, done: (error: Error | null, body?: unknown) => void) => {
      try {
        // A client may announce JSON and then send none.
        done(null, body === '' ? undefined : parse(body as string));
      } catch (error) {
        if (request.method === 'DELETE') done(null, undefined);
        else done(error as Error);
      }
    };
  };
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parser(parseJson));
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, parser(parseForm));
  app.addContentTypeParser('*', { parseAs: 'string' }, parser(refuse));
}

/** curl -d sends JSON under this type; a form would have its braces encoded. */
function parseForm(body: string): unknown {
  return /^\s*[[{]/.test(body) ? parseJson(body) : Object.fromEntries(new URLSearchParams(body));
}

function refuse(): never {
  throw new PloinkyError('UNSUPPORTED_MEDIA_TYPE', 'The content type of the body cannot be read here.');
}
