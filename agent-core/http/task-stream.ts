import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { failed, type Outcome } from '../outcome.ts';
import { BadRequest, readTask } from '../task.ts';
import type { TaskDesk } from '../task-desk.ts';
import { bodyLimit } from './read-body.ts';
import { TextLines } from './text-lines.ts';

/** Name in the Upgrade header. */
export const taskStreamProtocol = 'ploinky-tasks';
/** Longer outcomes are fetched by `GET /task/<id>`, so that they do not hold up those behind them. */
const longestOutcome = 256 * 1024;

/**
 * Many tasks over one connection, for a gateway that calls all the time: each line is a task as `POST /task` takes it. Each
 * answer is a line `{"id","success","data"|"error"}` in the order in which tasks end,
 * `{"id","fetch":true}` where the outcome is large. An agent that stops says `{"stopping":true}`, answers what comes all
 * the same with `{"id","refused":true}`, and lets the gateway close: so no task is ever sent into a closing connection.
 */
export class TaskStreams {
  readonly #desk: TaskDesk;
  readonly #open = new Set<TextLines>();
  #stopping = false;
  #whenDrained: (() => void) | null = null;

  constructor(desk: TaskDesk) {
    this.#desk = desk;
  }

  /** For the `upgrade` event of an HTTP server. */
  accept(request: IncomingMessage, socket: Duplex, begun: Buffer): void {
    socket.on('error', () => socket.destroy());
    if (request.headers.upgrade?.toLowerCase() !== taskStreamProtocol || this.#stopping) {
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: ${taskStreamProtocol}\r\n\r\n`);
    const lines = new TextLines(socket, bodyLimit, (line) => {
      const id = idOf(line);
      if (this.#stopping) {
        lines.write(`{"id":"${id}","refused":true}`);
        return;
      }
      const outcome = this.#run(line);
      if (!(outcome instanceof Promise)) lines.write(answerLine(id, outcome));
      else void outcome.then((later) => lines.write(answerLine(id, later)));
    });
    this.#open.add(lines);
    lines.take(begun);
    socket.on('end', () => {
      lines.flush();
      socket.end();
    });
    socket.on('close', () => {
      this.#open.delete(lines);
      if (this.#open.size === 0) this.#whenDrained?.();
    });
  }

  /** Takes no more tasks; what runs is still answered. */
  stop(): void {
    this.#stopping = true;
    for (const lines of this.#open) lines.write('{"stopping":true}');
  }

  /** Resolves once every connection is closed. */
  drained(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenDrained = resolve;
    });
  }

  #run(line: string): Outcome | Promise<Outcome> {
    try {
      return this.#desk.submit(readTask(line));
    } catch (error) {
      if (error instanceof BadRequest) return failed('PAYLOAD_INVALID', error.message);
      throw error;
    }
  }
}

function answerLine(id: string, { success, body }: Outcome): string {
  const begin = `{"id":"${id}"`;
  if (body.length > longestOutcome) return `${begin},"fetch":true}`;
  // A program may have printed its JSON over several lines.
  const json = body.includes('\n') ? JSON.stringify(JSON.parse(body)) : body;
  return success ? `${begin},"success":true,"data":${json}}` : `${begin},"success":false,"error":${json}}`;
}

const leadingId = /^\{"id":"([A-Za-z0-9._-]{1,200})"/;

/** The gateway writes the id first, so that the line need not be read twice. It is safe inside of JSON as it is. */
function idOf(line: string): string {
  return leadingId.exec(line)?.[1] ?? '';
}
