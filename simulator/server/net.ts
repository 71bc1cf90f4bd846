/** In place of `node:net`: ways to simulated web services, over published ports and over sockets in run folders. */
import { EventEmitter } from 'node:events';
import { type Far, type Peer, WebProgram } from '../agents/web-program.ts';
import { systemError } from '../disk/disk.ts';
import type { Daemon } from '../engine/daemon.ts';
import { surroundings } from '../ground/current.ts';

export { BlockList, isIP, isIPv4, isIPv6 } from 'node:net';

interface Place {
  readonly path?: string;
  readonly port?: number;
  /** One side may have said all, and the other goes on. */
  readonly allowHalfOpen?: boolean;
}

/** So much is taken at once; then whoever writes has to wait. */
const roomBytes = 4_096;

/**
 * The server's end of a connection. Health checks open very many of them, so it is no stream: it has what the adapters use
 * of one. Of one that belongs to a former life nothing is heard.
 */
export class Socket extends EventEmitter {
  connecting = true;
  destroyed = false;
  bytesWritten = 0;
  bytesRead = 0;
  readableEnded = false;
  writableEnded = false;
  readonly #place: Place;
  readonly #heard: () => boolean;
  #last = 0;
  #far: Far | null = null;
  #filled = 0;
  #waiting = '';
  #paused = false;
  #held: (() => void)[] = [];

  constructor(place: Place) {
    super();
    this.#place = place;
    const { ground } = surroundings();
    const { life } = ground;
    this.#heard = () => ground.life === life && !ground.down && !this.destroyed;
    this.#soon(() => this.#connect());
  }

  get writable(): boolean {
    return !this.destroyed;
  }

  write(content: string | Uint8Array): boolean {
    const text = typeof content === 'string' ? content : Buffer.from(content).toString('latin1');
    this.bytesWritten += text.length;
    if (this.#far) this.#far.hear(text);
    else this.#waiting += text;
    const full = this.#filled >= roomBytes;
    this.#filled += text.length;
    if (this.#filled < roomBytes) return true;
    if (!full) {
      this.#soon(() => {
        this.#filled = 0;
        this.emit('drain');
      });
    }
    return false;
  }

  end(): void {
    this.writableEnded = true;
    if (this.#place.allowHalfOpen && this.#far) this.#far.ended();
    else this.destroy();
  }

  setNoDelay(): this {
    return this;
  }

  destroy(error?: Error): this {
    if (this.destroyed) return this;
    this.destroyed = true;
    this.#far?.gone();
    this.#far = null;
    process.nextTick(() => {
      if (error) this.emit('error', error);
      this.emit('close');
    });
    return this;
  }

  pause(): this {
    this.#paused = true;
    return this;
  }

  resume(): this {
    this.#paused = false;
    for (const told of this.#held.splice(0)) told();
    return this;
  }

  isPaused(): boolean {
    return this.#paused;
  }

  cork(): void {}

  uncork(): void {}

  setTimeout(): this {
    return this;
  }

  #connect(): void {
    const found = reached(this.#place);
    if (typeof found === 'string') {
      this.destroy(systemError(found, 'connect', whereOf(this.#place)));
      return;
    }
    this.connecting = false;
    this.emit('connect');
    // The engine's own proxy takes a connection before the program does.
    if (found === null) {
      this.#soon(() => this.destroy());
      return;
    }
    const peer: Peer = {
      answer: (bytes) => this.#soon(() => this.#tell(() => this.#take(bytes))),
      close: (reset) => this.#soon(() => this.#tell(() => this.#close(reset))),
    };
    this.#far = found.accept(peer);
    if (this.#waiting !== '') this.#far.hear(this.#waiting);
  }

  #take(bytes: Buffer): void {
    this.bytesRead += bytes.length;
    this.emit('data', bytes);
  }

  #close(reset: boolean): void {
    this.readableEnded = !reset;
    if (!reset) this.emit('end');
    this.destroy(reset ? systemError('ECONNRESET', 'read', whereOf(this.#place)) : undefined);
  }

  #tell(told: () => void): void {
    if (this.#paused) this.#held.push(told);
    else told();
  }

  /** In the order in which it was sent. */
  #soon(work: () => void): void {
    const { time, random } = surroundings().ground;
    this.#last = Math.max(this.#last, time.now + random.between(0.05, 2));
    time.after(this.#last - time.now, () => {
      if (this.#heard()) work();
    });
  }
}

/** Who is there; null = a proxy before a program that does not listen; a code = nobody. */
function reached({ path, port }: Place): WebProgram | null | 'ECONNREFUSED' | 'ENOENT' {
  const { disk, daemons } = surroundings();
  if (path !== undefined) {
    if (!disk.find(path)) return 'ENOENT';
    const folder = path.slice(0, path.lastIndexOf('/'));
    const program = programs(daemons).find(
      ({ container, behaviour }) =>
        behaviour.serves === 'socket' &&
        container.mounts.some(({ target, source }) => target === '/run/ploinky' && source === folder),
    );
    return program?.listens ? program : 'ECONNREFUSED';
  }
  for (const daemon of daemons) {
    for (const { hostPort, program } of daemon.containers.values()) {
      if (hostPort !== port) continue;
      return program instanceof WebProgram && program.behaviour.serves === 'port' && program.listens ? program : null;
    }
  }
  return 'ECONNREFUSED';
}

function programs(daemons: readonly Daemon[]): WebProgram[] {
  return daemons.flatMap(({ containers }) =>
    [...containers.values()].flatMap(({ program }) => (program instanceof WebProgram ? program : [])),
  );
}

function whereOf({ path, port }: Place): string {
  return path ?? `127.0.0.1:${port}`;
}

export function connect(place: string | number | Place): Socket {
  if (typeof place === 'string') return new Socket({ path: place });
  return new Socket(typeof place === 'number' ? { port: place } : place);
}
