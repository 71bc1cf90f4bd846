/** In place of `node:net`: nobody listens in a simulated world but agents, and those are asked by their port. */
import { EventEmitter } from 'node:events';
import { systemError } from '../disk/disk.ts';
import { surroundings } from '../ground/current.ts';

class Socket extends EventEmitter {
  readonly writable = false;

  write(): boolean {
    return false;
  }

  end(): void {}

  destroy(): void {
    this.emit('close');
  }

  setTimeout(): void {}
}

export function connect(place: unknown): Socket {
  const { ground, disk } = surroundings();
  const socket = new Socket();
  const path = typeof place === 'string' ? place : String((place as { path?: string }).path ?? place);
  ground
    .ask(ground.random.between(0.1, 2), () => undefined)
    .then(() => {
      socket.emit('error', systemError(disk.find(path) ? 'ECONNREFUSED' : 'ENOENT', 'connect', path));
      socket.emit('close');
    })
    .catch(() => {});
  return socket;
}
