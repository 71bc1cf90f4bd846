import type { ContainerCreateOptions } from 'dockerode';
import { containerResources } from './container-resources.ts';
import type { ContainerSpec, Mount } from './engine-port.ts';
import { linkLocalAddress } from './link-local.ts';

/** What a request needs to know besides the spec. */
export interface RequestTraits {
  /** `uid:gid` inside. */
  readonly user: string;
  readonly selinux: boolean;
  /** Puts a small init before the program, which passes signals on and reaps what is left behind. */
  readonly init: boolean;
  /** The engine gives a container an address in 169.254.0.0/16 when asked, which keeps it from metadata of the machine. */
  readonly linkLocal: boolean;
  /** See `EngineTraits`. */
  readonly controllers: readonly string[] | null;
}

/**
 * Who a container runs as. Without CAP_DAC_OVERRIDE even root inside writes only what belongs to it, so that the
 * mounted folders need the server's own uid. In a rootless engine that is uid 0.
 */
export function userInside(
  engine: { readonly rootless: boolean },
  server: { uid: number; gid: number } | null,
): string {
  return engine.rootless || server === null ? '0:0' : `${server.uid}:${server.gid}`;
}

/**
 * Body of `POST /containers/create`. Whatever a manifest says, the result has no privileged mode, capability,
 * device or namespace of the host: there is no field in a spec from which one could come.
 */
export function createRequest(spec: ContainerSpec, traits: RequestTraits): ContainerCreateOptions {
  const [program, ...args] = spec.command;
  const port = spec.publishPort === null ? null : `${spec.publishPort}/tcp`;
  return {
    name: spec.name,
    Image: spec.image ?? '',
    // The command is whole: an entry point of the image would swallow it as arguments.
    ...(program === undefined ? {} : { Entrypoint: [program], Cmd: args }),
    User: traits.user,
    WorkingDir: spec.workingDirectory,
    Env: Object.entries({ ...spec.environment, ...spec.secrets }).map(([name, value]) => `${name}=${value}`),
    Labels: { ...spec.labels },
    Tty: false,
    OpenStdin: false,
    // Ploinky asks agents itself; a check of the image would only run beside that.
    Healthcheck: { Test: ['NONE'] },
    ...(port === null ? {} : { ExposedPorts: { [port]: {} } }),
    HostConfig: {
      Privileged: false,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges', ...(traits.selinux ? ['label=disable'] : [])],
      ...containerResources(spec, traits.controllers),
      NetworkMode: spec.network,
      ...(port === null ? {} : { PortBindings: { [port]: [{ HostIp: '127.0.0.1', HostPort: '' }] } }),
      Mounts: spec.mounts.map(mountRequest),
      // Ploinky decides about restarts, since it has to know about each.
      RestartPolicy: { Name: 'no' },
      // Ploinky keeps a copy with bounds of its own; this one lasts while the server is away.
      LogConfig: { Type: 'json-file', Config: { 'max-size': '32m', 'max-file': '2' } },
      ...(traits.init ? { Init: true } : {}),
    },
    ...(traits.linkLocal && spec.network !== 'none' ? attachment(spec) : {}),
  };
}

function attachment({ name, network }: ContainerSpec): Pick<ContainerCreateOptions, 'NetworkingConfig'> {
  const endpoint = { IPAMConfig: { LinkLocalIPs: [linkLocalAddress(name)] } };
  return { NetworkingConfig: { EndpointsConfig: { [network]: endpoint } } };
}

/** Mounts and not the older binds, in which a colon in a path means something else. */
function mountRequest({ kind, source, target, readOnly }: Mount) {
  return { Type: kind, Source: source, Target: target, ReadOnly: readOnly };
}
