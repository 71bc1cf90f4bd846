import type { Socket } from 'node:net';

/** Answers that wait on a connection for those before them, which Node does not tell when the connection ends. */
const inLine = new WeakMap<Socket, Set<() => void>>();

/** One listener for each connection, however many requests it sends ahead. */
export function whenGone(socket: Socket, tell: () => void): void {
  const known = inLine.get(socket);
  if (known) {
    known.add(tell);
    return;
  }
  const fresh = new Set([tell]);
  inLine.set(socket, fresh);
  socket.once('close', () => {
    for (const one of fresh) one();
  });
}

export function nevermind(socket: Socket, tell: () => void): void {
  inLine.get(socket)?.delete(tell);
}
