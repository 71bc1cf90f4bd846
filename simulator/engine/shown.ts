/** How a daemon shows what it has: bodies of answers, from its own books. */
import type { Container, Network } from './daemon.ts';

export function fits(labels: Readonly<Record<string, string>>, wanted: readonly string[] = []): boolean {
  return wanted.every((text) => {
    const [name = '', value] = text.split('=');
    return value === undefined ? name in labels : labels[name] === value;
  });
}

export function networkOf({ body }: Pick<Container, 'body'>): string {
  return String((body.HostConfig as { NetworkMode?: string } | undefined)?.NetworkMode ?? 'bridge');
}

export function shownNetwork({ id, name, labels, subnet }: Network) {
  return {
    Id: id,
    Name: name,
    Labels: labels,
    Driver: 'bridge',
    IPAM: { Config: [{ Subnet: subnet }] },
    Containers: {},
  };
}

/** One line of `GET /containers/json`. */
export function listed({ id, name, labels, state, image, imageId, created, hostPort }: Container) {
  return {
    Created: created,
    Id: id,
    Names: [`/${name}`],
    Labels: labels,
    State: state,
    Image: image,
    ImageID: imageId,
    Ports: hostPort === null ? [] : [{ IP: '127.0.0.1', PublicPort: hostPort }],
  };
}

/** The answer of `GET /containers/<id>/json`. */
export function inspected(container: Container) {
  const { id, name, labels, state, exitCode, oomKilled, startedAt, imageId, environment, hostPort } = container;
  const ports = hostPort === null ? {} : { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(hostPort) }] };
  return {
    Id: id,
    Name: `/${name}`,
    Image: imageId,
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
    NetworkSettings: { Ports: ports, Networks: {} },
    HostConfig: {},
    Mounts: [],
    RestartCount: 0,
  };
}

/** What it wrote, each line in a frame of its own. */
export function framed({ output, startedAt }: Container, timestamps: boolean): Buffer {
  const frames = output.split('\n').flatMap((line, i) => {
    if (line === '') return [];
    const time = startedAt.replace('Z', `${String(i).padStart(6, '0')}Z`);
    return [frameOf(`${timestamps ? `${time} ` : ''}${line}\n`)];
  });
  return Buffer.concat(frames);
}

/** Something that was written to stdout, as engines send it. */
export function frameOf(said: string): Buffer {
  const text = Buffer.from(said);
  const head = Buffer.alloc(8);
  head[0] = 1;
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, text]);
}
