import type { Manifest } from '../../core/manifest/manifest.ts';
import { networkName, volumeName } from '../../core/names/names.ts';
import { environmentOf } from '../../decisions/release-secrets.ts';
import type { Release } from '../../projections/releases.ts';
import type { ContainerSpec, Mount } from '../engine/engine-port.ts';
import { specHash } from '../engine/spec-hash.ts';
import { networkOf } from './network-of.ts';
import { type Paths, webSocketFile } from './paths.ts';

export interface SpecParts {
  readonly release: Release;
  readonly name: string;
  /** Which of the release's containers it is. */
  readonly replica: number;
  readonly cloudId: string;
  readonly paths: Paths;
}

/** Enough for a shell, npm and their children; a fork bomb ends here. */
const pidsLimit = 512;
/** Port of AgentCore inside, where it listens on TCP. */
const agentPort = 7070;

/** What the engine is asked to run for a release, but for the values of its secrets. Pure: the same replica gives the same spec. */
export function containerSpec({ release, name, replica, cloudId, paths }: SpecParts): ContainerSpec {
  const { source, config } = release;
  if (!source) throw new Error(`${release.id} has no source yet`);
  const { manifest } = source;
  const { web } = manifest;
  const text = config.command ?? manifest.run;
  // What serves by itself may be all that an image is for: then its own command and folder count.
  const imageOwn = web !== null && text === null;
  return withHash(
    {
      name,
      image: release.image?.imageId ?? release.image?.reference ?? null,
      // The author's own program text; nothing from a request is ever part of it.
      command: imageOwn ? [] : text === null ? ['sh', '/agentCore/run.sh'] : ['sh', '-c', text],
      environment: variablesOf(release, replica),
      workingDirectory: imageOwn ? '' : '/agent',
      mounts: [...ownMounts(release, replica, paths), ...volumeMounts(release, cloudId)],
      memoryBytes: manifest.resources.memoryBytes,
      cpus: manifest.resources.cpus,
      pidsLimit,
      network: networkOf(release, cloudId),
      publishPort: publishedPort(manifest),
    },
    release,
    cloudId,
  );
}

/**
 * Agents are reached by their socket where sockets can be shared, web services by what they listen on. Without a network
 * there is no port, only the socket.
 */
function publishedPort({ web, network }: Manifest): number | null {
  if (web !== null) return network === 'none' ? null : web.port;
  return process.platform === 'linux' ? null : agentPort;
}

/** The install step: the same surroundings, always with the network of the deployment, in a container of its own. */
export function installSpec(parts: SpecParts, text: string): ContainerSpec {
  const { specHash: _, labels: __, ...spec } = containerSpec(parts);
  const command = ['sh', '-c', text];
  const network = networkName(parts.release.deployment, parts.cloudId);
  const inAgent = { workingDirectory: '/agent', network, publishPort: null } as const;
  return withHash({ ...spec, ...inAgent, name: `${parts.name}-install`, command }, parts.release, parts.cloudId);
}

function withHash(spec: Omit<ContainerSpec, 'specHash' | 'labels'>, release: Release, cloudId: string): ContainerSpec {
  const hash = specHash(spec);
  const labels = {
    'ploinky.cloud': cloudId,
    'ploinky.deployment': release.deployment,
    'ploinky.release': String(release.n),
    'ploinky.spec': hash,
  };
  return { ...spec, labels, specHash: hash };
}

function variablesOf(release: Release, replica: number): Record<string, string> {
  const { source, config, deployment } = release;
  const manifest = source?.manifest;
  const slash = deployment.indexOf('/');
  return {
    CODE_DIR: '/agent',
    AGENT_DIR: '/agent',
    PLOINKY_AGENT: config.agent,
    PLOINKY_DOMAIN: deployment.slice(0, slash),
    PLOINKY_PATH: deployment.slice(slash),
    PLOINKY_REPLICA: String(replica),
    PLOINKY_RUN_DIR: '/run/ploinky',
    PLOINKY_QUEUE_DIR: '/agent/.ploinky/queue',
    PLOINKY_TRANSPORT: config.transport ?? manifest?.transport ?? '',
    PLOINKY_LISTEN: process.platform === 'linux' ? 'socket' : 'tcp',
    PORT: String(manifest?.web?.port ?? agentPort),
    // Inside a container nothing but its own network is listened on; the process engine says otherwise.
    ...(manifest?.web ? { PLOINKY_SOCKET: `/run/ploinky/${webSocketFile}`, PLOINKY_LISTEN_HOST: '0.0.0.0' } : {}),
    ...(manifest?.runTask ? { RUN_TASK: manifest.runTask } : {}),
    ...(manifest?.userFirst ? { PLOINKY_USER_FIRST: '1' } : {}),
    ...Object.fromEntries(
      Object.entries(environmentOf(release)).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : placeholder(value.secret, source?.secrets[value.secret]),
      ]),
    ),
  };
}

/** Stands for a value that is in no spec: enough to tell one version from another. */
function placeholder(name: string, version: number | undefined): string {
  if (version === undefined) throw new Error(`no version of the secret ${name} was resolved`);
  return `secret:${name}@${version}`;
}

function ownMounts(release: Release, replica: number, paths: Paths): Mount[] {
  const { code, queue, run } = paths.release(release.deployment, release.n, replica);
  return [
    { kind: 'bind', source: code, target: '/agent', readOnly: false },
    { kind: 'bind', source: code, target: '/code', readOnly: true },
    { kind: 'bind', source: paths.agentCore, target: '/agentCore', readOnly: true },
    { kind: 'bind', source: queue, target: '/agent/.ploinky/queue', readOnly: false },
    { kind: 'bind', source: run, target: '/run/ploinky', readOnly: false },
  ];
}

/** Named volumes belong to the deployment and outlive its releases. */
function volumeMounts({ source, deployment }: Release, cloudId: string): Mount[] {
  return (source?.manifest.volumes ?? []).map(({ name, target, readOnly }) => {
    return { kind: 'volume', source: volumeName(deployment, name, cloudId), target, readOnly };
  });
}
