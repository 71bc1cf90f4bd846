import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { BodyForm } from './request-head.ts';
import { mayTrail } from './response-head.ts';

/** Of a body that goes out as one text with its head. */
const smallBytes = 8_192;

/** @param whole the body, where it is here; what is still to be read follows in pieces */
export function writeHead(socket: Socket, head: string, whole: Buffer | null): void {
  if (whole === null) {
    socket.write(head, 'latin1');
    return;
  }
  if (whole.length <= smallBytes) {
    // As one text with the head it is one write of the system in place of a gathered one.
    socket.write(head + whole.toString('latin1'), 'latin1');
    return;
  }
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(whole);
  socket.uncork();
}

/** @returns false when the service takes no more for now */
export function writePiece(socket: Socket, bytes: Buffer, form: BodyForm): boolean {
  if (form !== 'chunked') return socket.write(bytes);
  socket.cork();
  socket.write(`${bytes.length.toString(16)}\r\n`, 'latin1');
  socket.write(bytes);
  const more = socket.write('\r\n', 'latin1');
  socket.uncork();
  return more;
}

/** The end of a body in chunks, with the trailers of the request, which say only now what they are. */
export function writeEnd(socket: Socket, stream: IncomingMessage | null): void {
  socket.write(`0\r\n${trailerLines(stream)}\r\n`, 'latin1');
}

function trailerLines(stream: IncomingMessage | null): string {
  const rawTrailers = stream?.rawTrailers ?? [];
  let text = '';
  for (let i = 0; i < rawTrailers.length; i += 2) {
    const written = rawTrailers[i] as string;
    if (mayTrail(written)) text += `${written}: ${rawTrailers[i + 1]}\r\n`;
  }
  return text;
}
