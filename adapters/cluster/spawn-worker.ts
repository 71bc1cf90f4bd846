import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { Channel } from './channel.ts';
import type { FromWorker, ToWorker } from './messages.ts';

/** A worker as its owner sees it. */
export interface WorkerLink {
  readonly pid: number;
  send(message: ToWorker): void;
  /** Gives it a connection. This process keeps its own hold of it until the worker says `took` with that number. */
  hand(id: number, socket: Socket): void;
  /** At once, whatever it does. */
  kill(): void;
}

export interface WorkerEvents {
  readonly message: (message: FromWorker) => void;
  /** It has ended and answers nobody any more. Called once. */
  readonly exit: (how: string) => void;
}

export type SpawnWorker = (events: WorkerEvents) => WorkerLink;

/** File descriptor of the channel, in the worker. */
export const channelFd = 4;

/** What a worker needs of the environment. The rest may hold secrets, and NODE_EXTRA_CA_CERTS costs each start 100 ms. */
const passed = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'NODE_OPTIONS', 'PLOINKY_DEBUG', 'DEBUG'];

/** Starts workers, and can begin to before it is known what for. */
export interface Nursery {
  readonly spawn: SpawnWorker;
  /** Starts so many processes, which load their programs and wait. The next workers are made of them. */
  prepare(count: number): void;
  /** Ends those that nothing became of. */
  discard(): void;
}

/** @param program compiled file that a worker runs */
export function createNursery(program: string, env: Readonly<Record<string, string | undefined>>): Nursery {
  const environment = Object.fromEntries(passed.map((name) => [name, env[name]]));
  const prepared: ChildProcess[] = [];
  const start = () => {
    const child = spawn(process.execPath, [program], {
      env: environment,
      // Connections travel over Node's own channel, one after another; everything else over one that batches.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
    });
    // Told where it is looked at; nobody else is to fall over it.
    child.on('error', () => {});
    return child;
  };
  return {
    spawn: (events) => {
      let child = prepared.shift();
      while (child && (child.exitCode !== null || child.signalCode !== null)) child = prepared.shift();
      return linkTo(child ?? start(), events);
    },
    prepare(count) {
      for (let i = 0; i < count; i += 1) prepared.push(start());
    },
    discard() {
      for (const child of prepared.splice(0)) child.kill('SIGKILL');
    },
  };
}

function linkTo(child: ChildProcess, { message, exit }: WorkerEvents): WorkerLink {
  const kill = () => {
    child.kill('SIGKILL');
  };
  // A worker that cannot be heard any more is of no use, whatever else it does.
  const channel = new Channel<FromWorker, ToWorker>(child.stdio[channelFd] as Socket, message, kill);
  let ended = false;
  const end = (how: string) => {
    if (ended) return;
    ended = true;
    exit(how);
  };
  child.once('exit', (code, signal) => end(signal ? `by ${signal}` : `with exit code ${code}`));
  child.once('error', (error) => {
    if (child.pid === undefined) end(`before it began: ${error.message}`);
  });
  return {
    pid: child.pid ?? 0,
    send: (outgoing) => channel.send(outgoing),
    hand(id, socket) {
      // Where it fails, the worker has ended, and the connection goes to another one.
      child.send(id, socket, { keepOpen: true }, () => {});
    },
    kill,
  };
}
