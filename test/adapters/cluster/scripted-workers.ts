import type { Socket } from 'node:net';
import { Feed } from '../../../adapters/cluster/feed.ts';
import type { Begin, FromWorker, ToWorker } from '../../../adapters/cluster/messages.ts';
import type { SpawnWorker, WorkerEvents } from '../../../adapters/cluster/spawn-worker.ts';
import type { WorkersParts } from '../../../adapters/cluster/workers.ts';

/** A worker that does what a test says. */
export class ScriptedWorker {
  readonly sent: ToWorker[] = [];
  readonly handed: { id: number; socket: Socket }[] = [];
  killed = false;
  readonly #events: WorkerEvents;

  constructor(events: WorkerEvents) {
    this.#events = events;
  }

  say(message: FromWorker): void {
    this.#events.message(message);
  }

  /** It has folded what it was sent. */
  serve(): void {
    const last = this.sent.flatMap((message) => (message.t === 'events' ? message.events : [])).at(-1);
    this.say({ t: 'folded', seq: last?.seq ?? 0 });
  }

  end(how = 'by SIGKILL'): void {
    this.#events.exit(how);
  }

  told(t: ToWorker['t']): number {
    return this.sent.filter((message) => message.t === t).length;
  }
}

/** Everything that workers need, without processes. */
export function scripted(parts: Partial<WorkersParts> = {}) {
  const spawned: ScriptedWorker[] = [];
  const spawn: SpawnWorker = (events) => {
    const worker = new ScriptedWorker(events);
    spawned.push(worker);
    return {
      pid: 1_000 + spawned.length,
      send: (message) => worker.sent.push(message),
      hand: (id, socket) => worker.handed.push({ id, socket }),
      kill: () => {
        worker.killed = true;
      },
    };
  };
  const feed = new Feed(['domain.added']);
  const warnings: string[] = [];
  const state = { seq: 0, hash: '', latest: null, entities: {} };
  const all: WorkersParts = {
    count: 2,
    maxConnections: 100,
    spawn,
    feed,
    begin: () => ({ t: 'begin', state, stopped: [] }) as unknown as Begin,
    counted: () => {},
    audited: () => {},
    denied: () => {},
    now: () => Date.now(),
    meters: { begun: () => {}, ended: () => {} },
    delivers: true,
    callTask: () => Promise.reject(new Error('this test calls nothing')),
    acceptTasks: () => Promise.reject(new Error('this test calls nothing')),
    logger: { debug() {}, info() {}, warn: (_fields, message) => warnings.push(message), error() {} },
    ...parts,
  };
  return { parts: all, spawned, feed, warnings };
}

/** A connection as far as those who share them out look at it. */
export function connection(): Socket & { destroyed: boolean } {
  const socket = { destroyed: false, destroy: () => {} };
  socket.destroy = () => {
    socket.destroyed = true;
  };
  return socket as unknown as Socket;
}
