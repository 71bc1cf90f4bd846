import { type DestinationStream, type Logger, symbols } from 'pino';
import { isoTime } from '../../../core/clock/clock.ts';
import { clientAddress } from '../auth/peer.ts';
import type { AskedRequest } from '../plain/plain-request.ts';

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

/** JSON of a text that is often the one before. */
class LastText {
  #text = '';
  #json = '""';

  of(text: string): string {
    if (text !== this.#text) {
      this.#json = JSON.stringify(text);
      this.#text = text;
    }
    return this.#json;
  }
}

const lastUrl = new LastText();
const lastAddress = new LastText();

/**
 * One line per answered request. No headers and no body: cookies, keys and payloads stay out of the log. Its few fields are
 * known, so that it is put together here: the logger's general way costs as much as an event of the call.
 */
export function logRequest(
  logger: Logger,
  request: Pick<AskedRequest, 'method' | 'url' | 'headers' | 'socket'>,
  { statusCode, duration, trace }: { statusCode: number; duration: number; trace?: string },
): void {
  const level = statusCode >= 500 ? 'error' : statusCode >= 400 ? 'warn' : 'info';
  if (!logger.isLevelEnabled(level)) return;
  const { method = '', url = '' } = request;
  const shown = lastUrl.of(loggableUrl(url));
  const ip = lastAddress.of(clientAddress(request));
  const tied = trace === undefined ? '' : `,"trace":${JSON.stringify(trace)}`;
  destinationOf(logger).write(
    `{"level":"${level}","ts":"${isoTime(Date.now())}","method":"${method}","url":${shown},"ip":${ip},` +
      `"statusCode":${statusCode},"duration":${Math.round(duration * 100) / 100}${tied},"message":"request"}\n`,
  );
}

function destinationOf(logger: Logger): DestinationStream {
  return (logger as unknown as { readonly [stream: symbol]: DestinationStream })[
    symbols.streamSym
  ] as DestinationStream;
}
