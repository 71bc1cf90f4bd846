import type { Duplex } from 'node:stream';
import { TextLines } from '../agents/text-lines.ts';

/**
 * Messages between the process that owns the log and a worker, as lines of JSON. What one turn of the event loop says
 * leaves in one piece. A line that is no JSON ends the connection: whoever sends one is not to be trusted with the next.
 */
export class Channel<In extends object, Out extends object> {
  readonly #socket: Duplex;
  readonly #lines: TextLines;

  constructor(socket: Duplex, onMessage: (message: In) => void, onClosed: () => void) {
    this.#socket = socket;
    // No bound: state and payloads of any size travel here, between two processes of one server.
    this.#lines = new TextLines(socket, Number.POSITIVE_INFINITY, (line) => {
      let message: In;
      try {
        message = JSON.parse(line) as In;
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      onMessage(message);
    });
    // A peer that was killed; `close` follows.
    socket.on('error', () => {});
    socket.once('end', () => socket.destroy());
    socket.once('close', onClosed);
  }

  /** What is sent after the connection closed is lost, as is what the peer did not read. */
  send(message: Out): void {
    this.#lines.write(JSON.stringify(message));
  }

  /** Sends what waits, now. */
  flush(): void {
    this.#lines.flush();
  }

  close(): void {
    this.#lines.flush();
    this.#socket.end();
  }
}
