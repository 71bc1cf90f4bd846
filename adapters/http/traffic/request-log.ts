import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { clientAddress } from '../auth/peer.ts';

const secretName = /key|token|secret|passw|pwd|auth|session|credential/i;
const maxLength = 2000;

/** The address as it may be written down: query values that are or name secrets are masked. */
export function loggableUrl(url: string): string {
  // Nearly every address of a call: too short for a key, and without a query.
  if (url.length < 19 && !url.includes('?')) return url;
  const shown = url.length > maxLength ? `${url.slice(0, maxLength)}…` : url;
  const bare = shown.replace(/sk_[A-Za-z0-9]{16,}|[0-9a-fA-F]{64}/g, '***');
  const question = bare.indexOf('?');
  if (question < 0) return bare;
  const query = bare
    .slice(question + 1)
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=');
      // A value belongs into a body; where somebody puts it into the address all the same, it goes no further.
      const masked = bare.startsWith('/management/api/secrets') || secretName.test(pair.slice(0, equals));
      return equals > 0 && masked ? `${pair.slice(0, equals)}=***` : pair;
    });
  return `${bare.slice(0, question)}?${query.join('&')}`;
}

/** One line per answered request. No headers and no body: cookies, keys and payloads stay out of the log. */
export function logRequest(
  logger: Logger,
  request: IncomingMessage,
  outcome: { statusCode: number; duration: number; trace?: string },
): void {
  const level = outcome.statusCode >= 500 ? 'error' : outcome.statusCode >= 400 ? 'warn' : 'info';
  if (!logger.isLevelEnabled(level)) return;
  const { statusCode, trace } = outcome;
  logger[level](
    {
      method: request.method,
      url: loggableUrl(request.url ?? ''),
      ip: clientAddress(request),
      statusCode,
      duration: Math.round(outcome.duration * 100) / 100,
      ...(trace === undefined ? {} : { trace }),
    },
    'request',
  );
}
