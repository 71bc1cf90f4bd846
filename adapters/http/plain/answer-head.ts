let second = Number.NaN;
let line = '';

/** The line `Date`, written anew once a second. @param now milliseconds since 1970 */
function dateLine(now: number): string {
  const current = Math.floor(now / 1_000);
  if (current !== second) {
    second = current;
    line = `Date: ${new Date(now).toUTCString()}\r\n`;
  }
  return line;
}

export interface AnswerHead {
  readonly text: string;
  /** Chunks tell the end of the body; otherwise what its headers or its status say. */
  readonly chunked: boolean;
}

/**
 * Head of an answer in HTTP/1.1, as Node's own server would write it.
 * @param headers name, value, name, value, …; a proxy has taken out what is for one connection only
 * @param keepAliveSeconds null where the connection ends behind it
 */
export function answerHead(
  status: number,
  reason: string,
  headers: readonly string[],
  keepAliveSeconds: number | null,
  now: number,
): AnswerHead {
  let text = `HTTP/1.1 ${status} ${reason}\r\n`;
  let dated = false;
  let measured = false;
  let closes = keepAliveSeconds === null;
  let connected = false;
  for (let i = 0; i < headers.length; i += 2) {
    const written = headers[i] as string;
    const value = headers[i + 1] as string;
    text += `${written}: ${value}\r\n`;
    const { length } = written;
    if (length === 4) dated ||= written.toLowerCase() === 'date';
    else if (length === 14) measured ||= written.toLowerCase() === 'content-length';
    else if (length === 10 && written.toLowerCase() === 'connection') {
      connected = true;
      closes ||= value === 'close';
    }
  }
  if (!dated) text += dateLine(now);
  if (!connected) {
    text += closes ? 'Connection: close\r\n' : `Connection: keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}\r\n`;
  }
  if (measured || status === 204 || status === 304) return { text: `${text}\r\n`, chunked: false };
  return { text: `${text}Transfer-Encoding: chunked\r\n\r\n`, chunked: true };
}
