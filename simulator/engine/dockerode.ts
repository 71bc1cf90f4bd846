/** In place of the package `dockerode`: the part of Docker's API that the adapters use, on a simulated daemon. */
import { Readable } from 'node:stream';
import { surroundings } from '../ground/current.ts';
import { broken, type Container, type Daemon, type Network, refusal } from './daemon.ts';

interface Given {
  readonly abortSignal?: AbortSignal;
  readonly [name: string]: unknown;
}

interface CreateRequest {
  readonly _query: { readonly name: string };
  readonly _body: Readonly<Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
}

interface Dialled {
  readonly path: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly abortSignal?: AbortSignal;
}

interface Kind {
  /** Milliseconds that it takes. */
  readonly ms: readonly [from: number, to: number];
  /** The world is another one afterwards. */
  readonly changes?: boolean;
}

const quick: Kind = { ms: [0.3, 8] };
const slow: Kind = { ms: [5, 250], changes: true };

export default class Docker {
  readonly #daemon: Daemon;

  /** The one request that the adapters make past the calls of dockerode. */
  readonly modem = {
    dial: (request: Dialled, told: (error: unknown, stream?: Readable) => void) => {
      const id = /^\/containers\/([^/]+)\/logs\?$/.exec(request.path)?.[1];
      if (id === undefined) throw new Error(`the simulated engine does not know ${request.path}`);
      const given = { ...request.options, ...(request.abortSignal ? { abortSignal: request.abortSignal } : {}) };
      this.#logs(id, given).then(
        (stream) => told(null, stream),
        (error: unknown) => told(error),
      );
    },
  };

  constructor({ socketPath }: { socketPath?: string }) {
    const daemon = surroundings().daemons.find((one) => one.socketPath === socketPath);
    if (!daemon) throw new Error(`no daemon is simulated at ${socketPath}`);
    this.#daemon = daemon;
  }

  version(given: Given = {}) {
    const { kind } = this.#daemon;
    const components =
      kind === 'podman' ? [{ Name: 'Podman Engine', Version: '5.0.0' }] : [{ Name: 'docker-init', Version: '0.19' }];
    return this.#ask('version', quick, given, () => ({
      Version: '28.0.0',
      Os: 'linux',
      Arch: 'amd64',
      Components: components,
    }));
  }

  info(given: Given = {}) {
    // Without root nothing of the machine itself is changed for its networks.
    const rootless = this.#daemon.kind === 'podman' ? ['name=rootless'] : [];
    return this.#ask('info', quick, given, () => ({ SecurityOptions: ['name=seccomp', ...rootless] }));
  }

  listContainers(given: Given & { filters?: { label?: string[] } } = {}) {
    return this.#ask('list', quick, given, () => {
      return [...this.#daemon.containers.values()]
        .filter(({ labels }) => fits(labels, given.filters?.label))
        .map(({ id, name, labels, state, image, created }) => ({
          Created: created,
          Id: id,
          Names: [`/${name}`],
          Labels: labels,
          State: state,
          Image: image,
          Ports: [],
        }));
    });
  }

  async createContainer({ _query, _body, abortSignal }: CreateRequest) {
    const { name } = _query;
    const id = await this.#ask(`create ${name}`, slow, abortSignal ? { abortSignal } : {}, () => {
      const image = String(_body.Image);
      if (!this.#image(image)) throw refusal(404, `No such image: ${image}`);
      return this.#daemon.create(name, _body, false).id;
    });
    return { id };
  }

  getContainer(nameOrId: string) {
    const daemon = this.#daemon;
    const of = () => daemon.need(nameOrId);
    return {
      inspect: (given: Given = {}) => this.#ask('inspect', quick, given, () => inspected(of())),
      start: (given: Given = {}) =>
        this.#ask(`start ${nameOrId.slice(0, 8)}`, slow, given, () => {
          const container = of();
          daemon.touch(container, 'start');
          for (const { type, source } of container.mounts) {
            if (type === 'bind' && !surroundings().disk.find(source))
              throw refusal(400, `bind source path does not exist: ${source}`);
          }
          const network = networkOf(container);
          if (network !== 'none' && network !== 'bridge' && !daemon.networks.has(network))
            throw refusal(404, `network ${network} not found`);
          daemon.start(container);
        }),
      kill: (given: Given & { signal?: string } = {}) =>
        this.#ask(`${given.signal} ${nameOrId.slice(0, 8)}`, { ...quick, changes: true }, given, () => {
          const container = of();
          daemon.touch(container, `take ${given.signal}`);
          if (container.state === 'paused' && given.signal !== 'SIGKILL') return;
          if (container.state !== 'running' && container.state !== 'paused')
            throw refusal(409, `container ${container.id} is not running`);
          if (given.signal === 'SIGKILL') daemon.end(container, 137);
          else container.program?.terminate();
        }),
      stop: (given: Given = {}) =>
        this.#ask(`stop ${nameOrId.slice(0, 8)}`, slow, given, () => {
          const container = of();
          daemon.touch(container, 'stop');
          daemon.end(container, 143);
        }),
      pause: (given: Given = {}) => this.#ask('pause', slow, given, () => pause(daemon, of(), true)),
      unpause: (given: Given = {}) => this.#ask('unpause', slow, given, () => pause(daemon, of(), false)),
      remove: (given: Given & { force?: boolean } = {}) =>
        this.#ask(`remove ${nameOrId.slice(0, 8)}`, slow, given, () => {
          const container = of();
          daemon.touch(container, 'go');
          if (container.state === 'running' && !given.force) throw refusal(409, 'stop it first');
          daemon.remove(container);
        }),
      wait: (given: Given & { condition?: string } = {}) => this.#wait(nameOrId, given),
      logs: async (given: Given & { follow?: boolean } = {}) => {
        const stream = await this.#logs(nameOrId, given);
        if (given.follow) return stream;
        const chunks: Buffer[] = [];
        for await (const chunk of stream) chunks.push(chunk as Buffer);
        return Buffer.concat(chunks);
      },
    };
  }

  getImage(name: string) {
    return {
      inspect: (given: Given = {}) =>
        this.#ask('inspect image', quick, given, () => {
          const found = this.#image(name);
          if (!found) throw refusal(404, `No such image: ${name}`);
          const { image, names } = found;
          return {
            Id: image.id,
            RepoDigests:
              image.digest === null ? [] : names.map((one) => `${one.replace(/(@|:[^/:]*$).*$/, '')}@${image.digest}`),
            Config: { Labels: {} },
          };
        }),
    };
  }

  async createImage({ fromImage, abortSignal }: { fromImage: string; abortSignal?: AbortSignal }) {
    const { ground } = surroundings();
    const daemon = this.#daemon;
    const given = abortSignal ? { abortSignal } : {};
    await this.#ask(`pull ${fromImage}`, quick, given, () => {
      if (daemon.registryDown) throw refusal(500, 'Get "https://registry-1.docker.io/v2/": context deadline exceeded');
    });
    const stream = newStream();
    let over = false;
    const line = (text: object) => `${JSON.stringify(text)}\n`;
    const { life } = ground;
    const tell = (ms: number, work: () => void) =>
      ground.time.after(ms, () => {
        if (over || ground.life !== life || ground.down) return;
        if (!daemon.up) {
          over = true;
          stream.destroy(broken('ECONNRESET'));
        } else work();
      });
    tell(ground.random.between(1, 50), () => stream.push(line({ status: 'Pulling' })));
    tell(ground.random.between(60, 4_000), () => {
      if (daemon.registryDown) stream.push(line({ error: 'context deadline exceeded' }));
      else daemon.images.set(fromImage, imageOf(fromImage.replace(/@.*$/, ':1')));
      stream.push(null);
    });
    return stream;
  }

  createVolume(given: Given & { Name?: string; Labels?: Record<string, string> }) {
    return this.#ask(`volume ${given.Name}`, slow, given, () => {
      if (!this.#daemon.volumes.has(String(given.Name)))
        this.#daemon.volumes.set(String(given.Name), given.Labels ?? {});
      return { Name: given.Name };
    });
  }

  getVolume(name: string) {
    const { volumes } = this.#daemon;
    const of = () => {
      const labels = volumes.get(name);
      if (!labels) throw refusal(404, `get ${name}: no such volume`);
      return { Name: name, Labels: labels };
    };
    return {
      inspect: (given: Given = {}) => this.#ask('inspect volume', quick, given, of),
      remove: (given: Given = {}) =>
        this.#ask(`remove volume ${name}`, slow, given, () => {
          of();
          const used = [...this.#daemon.containers.values()].some(({ mounts }) =>
            mounts.some(({ type, source }) => type === 'volume' && source === name),
          );
          if (used) throw refusal(409, `remove ${name}: volume is in use`);
          volumes.delete(name);
        }),
    };
  }

  listVolumes(given: Given & { filters?: { label?: string[] } } = {}) {
    return this.#ask('list volumes', quick, given, () => {
      const all = [...this.#daemon.volumes].map(([name, labels]) => ({ Name: name, Labels: labels }));
      return { Volumes: all.filter(({ Labels: labels }) => fits(labels, given.filters?.label)) };
    });
  }

  df(given: Given = {}) {
    return this.#ask('measure', quick, given, () => ({ Volumes: [] }));
  }

  createNetwork({
    _body: { Name: name, Labels: labels },
    abortSignal,
  }: {
    _body: { Name: string; Labels: Record<string, string> };
    abortSignal?: AbortSignal;
  }) {
    const { networks, ground } = this.#daemon;
    return this.#ask(`create network ${name}`, slow, abortSignal ? { abortSignal } : {}, () => {
      if (networks.has(name)) throw refusal(409, `network with name ${name} already exists`);
      const id = ground.random.hex(64);
      networks.set(name, { id, name, labels, subnet: `10.${networks.size}.0.0/24` });
      return { id };
    });
  }

  getNetwork(nameOrId: string) {
    const { networks, containers } = this.#daemon;
    const of = () => {
      const found = networks.get(nameOrId) ?? [...networks.values()].find(({ id }) => id === nameOrId);
      if (!found) throw refusal(404, `network ${nameOrId} not found`);
      return found;
    };
    return {
      inspect: (given: Given = {}) => this.#ask('inspect network', quick, given, () => shownNetwork(of())),
      remove: (given: Given = {}) =>
        this.#ask(`remove network ${nameOrId.slice(0, 8)}`, slow, given, () => {
          const { name } = of();
          const used = [...containers.values()].some((one) => networkOf(one) === name && one.state === 'running');
          if (used) throw refusal(403, `network ${name} has active endpoints`);
          networks.delete(name);
        }),
    };
  }

  listNetworks(given: Given & { filters?: { label?: string[] } } = {}) {
    return this.#ask('list networks', quick, given, () => {
      return [...this.#daemon.networks.values()]
        .filter(({ labels }) => fits(labels, given.filters?.label))
        .map(shownNetwork);
    });
  }

  async getEvents(given: Given) {
    const daemon = this.#daemon;
    const { ground } = surroundings();
    const { life } = ground;
    return this.#ask('events', quick, given, () => {
      const stream = newStream();
      const listener = (line: string | null) => {
        if (ground.life !== life || ground.down || stream.destroyed) daemon.listeners.delete(listener);
        else if (line === null) stream.destroy(broken('ECONNRESET'));
        else stream.push(line);
      };
      daemon.listeners.add(listener);
      return stream;
    });
  }

  #image(name: string) {
    const { images } = this.#daemon;
    const names = [...images].filter(
      ([known, { id, digest }]) => known === name || id === name || (digest !== null && name.endsWith(digest)),
    );
    const [first] = names;
    return first && { image: first[1], names: names.map(([known]) => known) };
  }

  #wait(nameOrId: string, given: Given & { condition?: string }): Promise<{ StatusCode: number }> {
    const { ground } = surroundings();
    return this.#ask('wait', quick, given, () => {
      const container = this.#daemon.need(nameOrId);
      const told = given.condition === 'removed' ? container.atRemoval : container.atEnd;
      const over = given.condition !== 'removed' && (container.state === 'exited' || container.state === 'created');
      return { container, told, over };
    }).then(({ container, told, over }) => {
      if (over) return { StatusCode: container.exitCode };
      return this.#gated(given, (answer) => {
        const end = () =>
          ground.time.after(ground.random.between(0.5, 10), () => answer({ StatusCode: container.exitCode }));
        told.add(end);
      });
    });
  }

  async #logs(nameOrId: string, given: Given & { follow?: boolean; timestamps?: boolean }): Promise<Readable> {
    const { ground } = surroundings();
    const container = await this.#ask('logs', quick, given, () => this.#daemon.need(nameOrId));
    const { life } = ground;
    const stream = newStream();
    const end = () => {
      const ms = ground.random.between(0.5, 20);
      ground.time.after(ms, () => {
        if (ground.life !== life || ground.down || stream.destroyed) return;
        stream.push(framed(container, given.timestamps ?? false));
        stream.push(null);
      });
    };
    if (given.follow && (container.state === 'running' || container.state === 'paused')) {
      container.atEnd.add(end);
      // A daemon that goes takes its streams with it.
      const cut = (line: string | null) => {
        if (line !== null || stream.destroyed) return;
        container.atEnd.delete(end);
        if (ground.life === life && !ground.down) stream.destroy(broken('ECONNRESET'));
      };
      this.#daemon.listeners.add(cut);
    } else end();
    return stream;
  }

  /** One request: the daemon may be gone or hang, its answer may be lost; and whoever asked may be gone when it comes. */
  #ask<T>(what: string, { ms: [from, to], changes = false }: Kind, given: Given, work: () => T): Promise<T> {
    const daemon = this.#daemon;
    const { ground } = surroundings();
    const { random, time, odds } = ground;
    return this.#gated(given, (answer, refuse) => {
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
  #gated<T>(
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

/** One that nobody took, since whoever asked has given up, breaks without a word, as an answer over HTTP does. */
function newStream(): Readable {
  return new Readable({ read() {} }).on('error', () => {});
}

function pause(daemon: Daemon, container: Container, pause: boolean): void {
  daemon.touch(container, pause ? 'pause' : 'unpause');
  if (pause && container.state === 'running') container.state = 'paused';
  else if (!pause && container.state === 'paused') container.state = 'running';
  else throw refusal(409, 'it is in no such state');
  daemon.announce(pause ? 'pause' : 'unpause', container);
}

/** What it wrote, each line in a frame of its own. */
function framed({ output, startedAt }: Container, timestamps: boolean): Buffer {
  const frames = output.split('\n').flatMap((line, i) => {
    if (line === '') return [];
    const time = startedAt.replace('Z', `${String(i).padStart(6, '0')}Z`);
    const text = Buffer.from(`${timestamps ? `${time} ` : ''}${line}\n`);
    const head = Buffer.alloc(8);
    head[0] = 1;
    head.writeUInt32BE(text.length, 4);
    return [head, text];
  });
  return Buffer.concat(frames);
}

function fits(labels: Readonly<Record<string, string>>, wanted: readonly string[] = []): boolean {
  return wanted.every((text) => {
    const [name = '', value] = text.split('=');
    return value === undefined ? name in labels : labels[name] === value;
  });
}

function networkOf({ body }: Container): string {
  return String((body.HostConfig as { NetworkMode?: string } | undefined)?.NetworkMode ?? 'bridge');
}

function shownNetwork({ id, name, labels, subnet }: Network) {
  return {
    Id: id,
    Name: name,
    Labels: labels,
    Driver: 'bridge',
    IPAM: { Config: [{ Subnet: subnet }] },
    Containers: {},
  };
}

export function imageOf(name: string): { id: string; digest: string } {
  let hash = '';
  for (let i = 0; hash.length < 64; i += 1)
    hash += [...`${name}${i}`]
      .reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 7)
      .toString(16)
      .padStart(8, '0');
  return { id: `sha256:${hash}`, digest: `sha256:${[...hash].reverse().join('')}` };
}

function inspected({ id, name, labels, state, exitCode, oomKilled, startedAt, image, environment }: Container) {
  return {
    Id: id,
    Name: `/${name}`,
    Image: image,
    Config: { Labels: labels, Env: environment },
    State: {
      Status: state,
      Running: state === 'running' || state === 'paused',
      Paused: state === 'paused',
      ExitCode: exitCode,
      OOMKilled: oomKilled,
      StartedAt: startedAt,
      FinishedAt: startedAt,
      Error: '',
    },
    NetworkSettings: { Ports: {}, Networks: {} },
    HostConfig: {},
    Mounts: [],
    RestartCount: 0,
  };
}
