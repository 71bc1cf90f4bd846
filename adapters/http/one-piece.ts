import type { ServerResponse } from 'node:http';

/** Head and body of an answer under way, as Node keeps the head until the first bytes leave. */
interface Underway {
  _header: string | null;
}

/**
 * Ends an answer whose head is written and gives the length of the text. Node hands head and body of `end(text)` to the
 * system as a list of two, the second one empty, which costs twice as much as one text. So the text is put behind the head;
 * where that cannot be, because of its characters or another Node, it goes the usual way.
 * @param bytes of the text in UTF-8
 */
export function endInOnePiece(response: ServerResponse, text: string, bytes: number): void {
  const answer = response as unknown as Underway;
  const ascii = bytes === text.length;
  // Node knows by itself what has no body; such a text is none of the answer.
  if (!ascii || bytes > most || response.req.method === 'HEAD' || typeof answer._header !== 'string') {
    response.end(text);
    return;
  }
  answer._header += text;
  response.end();
}

/** What is longer is copied for it, and that is what was to be saved. */
const most = 16_384;
