import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A socket in front of an engine's, which can be made to accept everything and answer nothing. */
export interface HangingSocket {
  readonly path: string;
  /** What is under way breaks off; what comes is accepted and never answered. */
  hang(): void;
  /** What comes from now on is answered; what came before never will be. */
  answer(): void;
  stop(): Promise<void>;
}

export async function hangingSocket(enginePath: string): Promise<HangingSocket> {
  const folder = mkdtempSync(join(tmpdir(), 'ph-'));
  const path = join(folder, 'e.sock');
  const sockets = new Set<Socket>();
  let hangs = false;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    if (hangs) return;
    const engine = connect({ path: enginePath, allowHalfOpen: true });
    sockets.add(engine);
    engine.on('error', () => socket.destroy()).on('close', () => sockets.delete(engine));
    socket.on('close', () => engine.destroy());
    socket.pipe(engine).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    hang() {
      hangs = true;
      for (const socket of sockets) socket.destroy();
    },
    answer() {
      hangs = false;
    },
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
