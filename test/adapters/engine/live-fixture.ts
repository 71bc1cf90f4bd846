import { randomBytes } from 'node:crypto';
import Docker from 'dockerode';
import { findDockerEngine } from '../../../adapters/docker/find-docker-engine.ts';
import type { ContainerSpec, Engine } from '../../../adapters/engine/engine-port.ts';
import { engineNotFound } from '../../../adapters/engine/find-engine.ts';
import { findPodmanEngine } from '../../../adapters/podman/find-podman-engine.ts';
import { bareSpec } from '../../bare-spec.ts';
import { shellImage } from '../../engines/base-images.ts';

/** An engine as a cloud of its own sees it, beside the same engine as the machine's owner sees it. */
export interface LiveFixture {
  readonly engine: Engine;
  /** Everything that is in the engine, ours or not. */
  readonly raw: Docker;
  readonly cloudId: string;
  /** A spec with a name of its own; the program sleeps and ends at once on SIGTERM. */
  spec(changes?: Partial<ContainerSpec>): ContainerSpec;
  /** Creates a container behind the back of Ploinky. */
  foreign(name: string, labels?: Record<string, string>): Promise<Docker.Container>;
  cleanUp(): Promise<void>;
}

const sleepUntilTerminated = ['sh', '-c', 'trap "exit 0" TERM; echo up; while :; do sleep 0.1; done'];

export async function openLiveEngine(
  kind: 'docker' | 'podman',
  socketPath: string,
  cloudId: string,
  user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
): Promise<Engine> {
  const find = kind === 'docker' ? findDockerEngine : findPodmanEngine;
  const environment = { [kind === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']: `unix://${socketPath}` };
  const search = await find({ cloudId, signal: soon(), machine: { environment, home: '/nowhere', user } });
  if (search.engine === null) throw engineNotFound(kind, search.tried);
  return search.engine;
}

export async function makeLiveFixture(kind: 'docker' | 'podman', socketPath: string): Promise<LiveFixture> {
  const cloudId = randomBytes(6).toString('hex');
  const engine = await openLiveEngine(kind, socketPath, cloudId);
  const raw = new Docker({ socketPath });
  const made: Docker.Container[] = [];
  return {
    engine,
    raw,
    cloudId,
    spec: (changes = {}) => makeSpec(cloudId, changes),
    foreign: async (name, labels = {}) => {
      const container = await raw.createContainer({
        name,
        Image: shellImage,
        Cmd: ['sh', '-c', 'while :; do sleep 1; done'],
        Labels: labels,
        HostConfig: { NetworkMode: 'none' },
      });
      made.push(container);
      await container.start();
      return container;
    },
    cleanUp: async () => {
      for (const container of await engine.list(soon())) await engine.remove(container.name, soon());
      for (const container of made) await container.remove({ force: true }).catch(() => undefined);
      for (const network of (await engine.networks?.list(soon())) ?? [])
        await engine.networks?.remove(network.name, soon());
      const { Volumes: volumes } = await raw.listVolumes({ filters: { label: [`ploinky.cloud=${cloudId}`] } });
      for (const volume of volumes ?? []) await raw.getVolume(volume.Name).remove();
      await engine.close();
    },
  };
}

function makeSpec(cloudId: string, changes: Partial<ContainerSpec>): ContainerSpec {
  const specHash = changes.specHash ?? randomBytes(32).toString('hex');
  return {
    ...bareSpec,
    name: `ploinky-test-${randomBytes(6).toString('hex')}-${cloudId.slice(0, 6)}`,
    labels: {
      'ploinky.cloud': cloudId,
      'ploinky.deployment': 'localhost/demo',
      'ploinky.release': '7',
      'ploinky.spec': specHash,
    },
    image: shellImage,
    command: sleepUntilTerminated,
    ...changes,
    specHash,
  };
}

/** Far longer than anything here takes, and short enough that a hanging engine fails its test. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(60_000);
}
