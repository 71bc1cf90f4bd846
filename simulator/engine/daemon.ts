import type { Program } from '../agents/program.ts';
import type { Ground } from '../ground/ground.ts';
import { StoredImages } from './registry.ts';

export interface Container {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly image: string;
  readonly imageId: string;
  /** Where what it listens on can be reached from outside; null = it publishes nothing, or does not run. */
  hostPort: number | null;
  /** Somebody asked it to end. */
  asked: boolean;
  readonly environment: readonly string[];
  readonly mounts: readonly { readonly type: string; readonly source: string; readonly target: string }[];
  readonly command: readonly string[];
  /** Made by somebody else; whatever the server does to it is a violation. */
  readonly foreign: boolean;
  readonly body: Readonly<Record<string, unknown>>;
  state: 'created' | 'running' | 'paused' | 'exited';
  exitCode: number;
  oomKilled: boolean;
  startedAt: string;
  /** Seconds since 1970. */
  readonly created: number;
  program: Program | null;
  output: string;
  /** Told when it ends; those that wait for its removal are told then. */
  readonly atEnd: Set<() => void>;
  readonly atRemoval: Set<() => void>;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly subnet: string;
}

/** Refusal of an engine, as dockerode throws it. */
export function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(`(HTTP code ${statusCode}) refused - ${message}`), { statusCode, json: { message } });
}

export function broken(code: string): Error {
  return Object.assign(new Error(`${code}: the connection to the engine`), { code });
}

/** What makes programs run when a container starts. */
export type MakeProgram = (daemon: Daemon, container: Container) => Program | null;

/**
 * An engine's daemon with its containers and images, as Docker's API shows them. It knows nothing of Ploinky: what is
 * ours, and what may be done to it, the real adapters decide.
 */
export class Daemon {
  readonly kind: 'docker' | 'podman';
  readonly socketPath: string;
  readonly ground: Ground;
  readonly containers = new Map<string, Container>();
  readonly images = new StoredImages();
  readonly volumes = new Map<string, Readonly<Record<string, string>>>();
  /** By name. */
  readonly networks = new Map<string, Network>();
  readonly listeners = new Set<(line: string | null) => void>();
  /** Ids of those that answered a health check once. */
  readonly answered = new Set<string>();
  /** Told of one that ended although nobody had asked it to, and of one that says nothing for a while. */
  onTrouble: (container: Container) => void = () => {};
  /** Told of one of ours that was just made. */
  onCreated: (container: Container) => void = () => {};
  #lastPort: number;
  up = true;
  hanging = false;
  registryDown = false;
  /** Told when it comes back, or is killed, while it hung. */
  readonly atChange = new Set<() => void>();
  readonly #make: MakeProgram;

  constructor(kind: Daemon['kind'], ground: Ground, make: MakeProgram) {
    this.kind = kind;
    this.socketPath = `/simulated/${kind}.sock`;
    this.ground = ground;
    this.#make = make;
    this.#lastPort = kind === 'docker' ? 32_768 : 45_000;
  }

  find(nameOrId: string): Container | undefined {
    return this.containers.get(nameOrId) ?? [...this.containers.values()].find(({ name }) => name === nameOrId);
  }

  need(nameOrId: string): Container {
    const found = this.find(nameOrId);
    if (!found) throw refusal(404, `No such container: ${nameOrId}`);
    return found;
  }

  /** Whatever touches something foreign for the server is told of. */
  touch(container: Container, how: string): void {
    if (container.foreign)
      this.ground.fail('nothing-foreign-touched', `${container.name} is not ours, and was asked to ${how}`);
  }

  create(name: string, body: Container['body'], imageId: string, foreign: boolean): Container {
    if (this.find(name)) throw refusal(409, `Conflict. The container name "/${name}" is already in use`);
    const host = (body.HostConfig ?? {}) as { Mounts?: { Type: string; Source: string; Target: string }[] };
    const entry = (body.Entrypoint ?? []) as string[];
    const container: Container = {
      id: this.ground.random.hex(64),
      name,
      labels: { ...(body.Labels as Record<string, string>) },
      image: String(body.Image ?? ''),
      imageId,
      hostPort: null,
      asked: false,
      environment: (body.Env ?? []) as string[],
      mounts: (host.Mounts ?? []).map(({ Type, Source, Target }) => ({ type: Type, source: Source, target: Target })),
      command: [...entry, ...((body.Cmd ?? []) as string[])],
      foreign,
      body,
      state: 'created',
      created: Math.floor(this.ground.time.wall() / 1_000),
      exitCode: 0,
      oomKilled: false,
      startedAt: '0001-01-01T00:00:00Z',
      program: null,
      output: '',
      atEnd: new Set(),
      atRemoval: new Set(),
    };
    this.containers.set(container.id, container);
    this.ground.tell(`${this.kind}: created ${name} ${container.id.slice(0, 8)}${foreign ? ' (foreign)' : ''}`);
    if (!foreign) this.onCreated(container);
    this.announce('create', container);
    return container;
  }

  start(container: Container): void {
    if (container.state === 'running') return;
    container.state = 'running';
    container.asked = false;
    if (publishes(container)) {
      this.#lastPort += 1;
      container.hostPort = this.#lastPort;
    }
    container.exitCode = 0;
    container.oomKilled = false;
    container.startedAt = new Date(this.ground.time.wall()).toISOString();
    this.ground.tell(`${this.kind}: runs ${container.name} ${container.id.slice(0, 8)}`);
    container.program = container.foreign ? null : this.#make(this, container);
    this.announce('start', container);
  }

  /** Its program ends, by itself or not. */
  end(container: Container, exitCode: number, oomKilled = false): void {
    if (container.state !== 'running' && container.state !== 'paused') return;
    container.state = 'exited';
    container.hostPort = null;
    container.exitCode = exitCode;
    container.oomKilled = oomKilled;
    if (!container.asked) this.onTrouble(container);
    const { program } = container;
    container.program = null;
    program?.died();
    this.ground.tell(`${this.kind}: ended ${container.name} with ${exitCode}${oomKilled ? ' (oom)' : ''}`);
    for (const told of [...container.atEnd]) told();
    container.atEnd.clear();
    this.announce('die', container);
  }

  pause(container: Container): void {
    if (container.state !== 'running') return;
    container.state = 'paused';
    this.onTrouble(container);
    this.ground.tell(`${this.kind}: paused ${container.name}`);
    this.announce('pause', container);
  }

  remove(container: Container): void {
    if (container.state === 'running' || container.state === 'paused') this.end(container, 137);
    this.containers.delete(container.id);
    this.ground.tell(`${this.kind}: removed ${container.name} ${container.id.slice(0, 8)}`);
    for (const told of [...container.atRemoval]) told();
    container.atRemoval.clear();
    this.announce('destroy', container);
  }

  /** One line of the stream of events: perhaps late, twice or never. */
  announce(action: string, { id, name, labels }: Container): void {
    const line = `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: { ...labels, name } } })}\n`;
    const { random, odds, time } = this.ground;
    if (this.ground.happens(odds.notice)) return;
    const times = this.ground.happens(odds.notice) ? 2 : 1;
    for (let i = 0; i < times; i += 1) {
      const ms = random.chance(0.05) ? random.between(100, 3_000) : random.between(0.5, 20);
      time.after(ms, () => {
        if (this.up && !this.hanging) for (const listener of [...this.listeners]) listener(line);
      });
    }
  }

  /** The daemon is killed; its containers go with it, or live on. */
  kill(containersToo: boolean): void {
    if (!this.up) return;
    this.up = false;
    this.hanging = false;
    this.ground.tell(`${this.kind}: the daemon is killed${containersToo ? ' with its containers' : ''}`);
    this.#changed();
    for (const listener of [...this.listeners]) listener(null);
    this.listeners.clear();
    if (containersToo) for (const container of this.containers.values()) this.end(container, 137);
  }

  /** The machine loses its power. */
  powerCut(): void {
    this.kill(true);
  }

  comeUp(): void {
    if (this.up) return;
    this.up = true;
    this.ground.tell(`${this.kind}: the daemon is up`);
  }

  hang(): void {
    if (!this.up || this.hanging) return;
    this.hanging = true;
    this.ground.tell(`${this.kind}: hangs`);
  }

  goOn(): void {
    if (!this.hanging) return;
    this.hanging = false;
    this.ground.tell(`${this.kind}: answers again`);
    this.#changed();
  }

  usesVolume(name: string): boolean {
    return [...this.containers.values()].some(({ mounts }) =>
      mounts.some(({ type, source }) => type === 'volume' && source === name),
    );
  }

  #changed(): void {
    for (const told of [...this.atChange]) told();
    this.atChange.clear();
  }
}

function publishes({ body }: Container): boolean {
  const { PortBindings: ports = {} } = (body.HostConfig ?? {}) as { PortBindings?: object };
  return Object.keys(ports).length > 0;
}
