import { connect, type Socket } from 'node:net';
import type { UpstreamAddress } from '../http/pass-through/upstream-connection.ts';

export type ServiceAnswer =
  | { readonly status: number }
  /** Connected, and it stays so. */
  | { readonly status: null }
  | { readonly silence: string };

/** Docker's proxy takes connections before the program does, and gives them up a moment later. */
const staysMs = 100;

/** One request, of which only the status of the answer matters. Never rejects. */
export function askHttp(
  address: UpstreamAddress,
  { host, target }: { readonly host: string; readonly target: string },
  withinMs: number,
  signal: AbortSignal,
): Promise<ServiceAnswer> {
  const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'User-Agent: Ploinky', 'Connection: close'];
  return converse(address, withinMs, signal, (socket, tell) => {
    let text = '';
    socket.on('connect', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('data', (bytes) => {
      if (text.length >= 12) return;
      text += bytes.toString('latin1', 0, 12);
      if (text.length < 12) return;
      // The rest is read and forgotten, so that the service does not log a client that hung up.
      const [, status] = /^HTTP\/1\.[01] (\d\d\d)/.exec(text) ?? [];
      tell(status === undefined ? { silence: 'answered with something that is no HTTP' } : { status: Number(status) });
    });
  });
}

/** Whether it takes connections and keeps them. Never rejects. */
export function askTcp(address: UpstreamAddress, withinMs: number, signal: AbortSignal): Promise<ServiceAnswer> {
  return converse(address, withinMs, signal, (socket, tell) => {
    socket.on('connect', () => {
      const timer = setTimeout(() => {
        tell({ status: null });
        socket.destroy();
      }, staysMs);
      socket.on('close', () => clearTimeout(timer));
    });
    socket.on('data', () => tell({ status: null }));
  });
}

type Tell = (answer: ServiceAnswer) => void;

function converse(
  address: UpstreamAddress,
  withinMs: number,
  signal: AbortSignal,
  talk: (socket: Socket, tell: Tell) => void,
): Promise<ServiceAnswer> {
  return new Promise((resolve) => {
    const socket = 'socketPath' in address ? connect(address.socketPath) : connect(address.port, address.host);
    let silence = 'closed the connection without an answer';
    const giveUp = () => {
      silence = `did not answer within ${withinMs} ms`;
      socket.destroy();
    };
    const timer = setTimeout(giveUp, withinMs);
    signal.addEventListener('abort', giveUp, { once: true });
    talk(socket, resolve);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      silence = `takes no connection (${error.code ?? error.message})`;
      socket.destroy();
    });
    socket.on('close', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      resolve({ silence });
    });
    if (signal.aborted) giveUp();
  });
}
