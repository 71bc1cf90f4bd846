import { surroundings } from '../ground/current.ts';
import { broken, type Daemon, refusal } from './daemon.ts';

/** What the adapters hand in with any request. */
export interface Given {
  readonly abortSignal?: AbortSignal;
  readonly [name: string]: unknown;
}

interface Kind {
  /** Milliseconds that it takes. */
  readonly ms: readonly [from: number, to: number];
  /** The world is another one afterwards. */
  readonly changes?: boolean;
}

export const quick: Kind = { ms: [0.3, 8] };
export const quickChange: Kind = { ...quick, changes: true };
export const slow: Kind = { ms: [5, 250], changes: true };

/** Requests to a simulated daemon, and what may become of them on their way. */
export class Conversation {
  readonly daemon: Daemon;

  constructor(daemon: Daemon) {
    this.daemon = daemon;
  }

  /** One request: the daemon may be gone or hang, its answer may be lost; and whoever asked may be gone when it comes. */
  ask<T>(what: string, { ms: [from, to], changes = false }: Kind, given: Given, work: () => T): Promise<T> {
    const { daemon } = this;
    const { ground } = surroundings();
    const { random, time, odds } = ground;
    return this.gated(given, (answer, refuse) => {
      const lost = changes && ground.happens(odds.engine);
      const refused = !lost && ground.happens(odds.engine);
      const attend = () => {
        if (!daemon.up) return refuse(broken('ECONNREFUSED'));
        if (daemon.hanging) {
          daemon.atChange.add(() =>
            daemon.up ? time.after(random.between(1, 50), attend) : refuse(broken('ECONNRESET')),
          );
          return;
        }
        if (refused) {
          ground.tell(`${daemon.kind}: refuses to ${what}`);
          return refuse(refusal(500, 'scripted failure'));
        }
        let result: T;
        try {
          result = work();
        } catch (error) {
          return refuse(error);
        }
        if (changes) ground.boundary(`${daemon.kind} did ${what}`);
        if (lost) {
          ground.tell(`${daemon.kind}: the answer to ${what} is lost`);
          return refuse(broken('ECONNRESET'));
        }
        time.after(random.between(0.1, 2), () => answer(result));
      };
      time.after(random.between(from, to), attend);
    });
  }

  /** Heard only by the life that asked, and only as long as it listens. What was asked for happens all the same. */
  gated<T>(
    { abortSignal }: Given,
    work: (answer: (value: T) => void, refuse: (error: unknown) => void) => void,
  ): Promise<T> {
    const { ground } = surroundings();
    const { life } = ground;
    return new Promise((resolve, reject) => {
      if (ground.down) return;
      const heard = () => ground.life === life && !ground.down;
      const aborted = () =>
        reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' }));
      if (abortSignal?.aborted) return aborted();
      abortSignal?.addEventListener('abort', aborted, { once: true });
      work(
        (value) => {
          if (heard()) resolve(value);
        },
        (error) => {
          if (heard()) reject(error);
        },
      );
    });
  }
}
