import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { answers, startDaemon } from './daemon.ts';
import { type Bridge, findProgram, makeBridge, makeEngineHome, ownPool, whyNotStartable } from './engine-home.ts';
import type { EngineStart, OwnEngine } from './engine-start.ts';
import { mountSmallDisk } from './small-disk.ts';

const run = promisify(execFile);

/**
 * A Podman service of the test's own, with storage, state and socket in a temporary folder.
 * `PLOINKY_TEST_PODMAN_SOCKET` names a running engine to use instead.
 * @param options.insecureRegistries `host:port` of registries to talk plain HTTP with; Podman reads them once.
 */
export async function startPodman(options: { insecureRegistries?: readonly string[] } = {}): Promise<EngineStart> {
  const given = process.env.PLOINKY_TEST_PODMAN_SOCKET;
  if (given) return { socketPath: given, stop: async () => undefined };
  return startOwnPodman(options);
}

interface OwnPodmanOptions {
  readonly insecureRegistries?: readonly string[];
  /** Its storage is on a file system of that size; without it on that of the temporary folder. */
  readonly diskMegabytes?: number;
}

/** The same, whatever runs already. */
export async function startOwnPodman(options: OwnPodmanOptions): Promise<OwnEngine | { unavailable: string }> {
  const reason = whyNotStartable(['podman', 'conmon', 'runc']);
  if (reason !== null) return { unavailable: reason };

  const home = makeEngineHome('podman');
  const bridge = await makeBridge('pkp');
  const socketPath = path.join(home, 'podman.sock');
  const environment = writeConfiguration(home, bridge, options.insecureRegistries ?? []);
  const program = findProgram('podman') ?? 'podman';
  const places = ['root', 'runroot', 'tmpdir'].flatMap((name) => [`--${name}`, path.join(home, name)]);
  const storage = path.join(home, 'root');
  try {
    const plan = {
      home,
      program,
      args: [...places, 'system', 'service', '--time', '0', `unix://${socketPath}`],
      environment,
      // Containers belong to conmon and outlive the service: they go first.
      before: [program, ...places, 'rm', '--all', '--force', '--time', '0'],
      after: bridge?.removal,
    };
    if (options.diskMegabytes) await mountSmallDisk(storage, options.diskMegabytes);
    const stop = await startDaemon(plan, () => answers({ socketPath }, '/_ping'), 90_000);
    // A process of its own, as at a shell: it reads from the disk what the service holds in memory.
    const removeByHand = async (name: string) => {
      await run(program, [...places, 'rm', '--force', '--time', '0', name], {
        env: { ...process.env, ...environment },
      });
    };
    return { socketPath, home, storage, removeByHand, stop };
  } catch (error) {
    return { unavailable: `podman system service does not start: ${(error as Error).message}` };
  }
}

function writeConfiguration(home: string, bridge: Bridge | null, insecure: readonly string[]): Record<string, string> {
  const networks = path.join(home, 'networks');
  mkdirSync(networks);
  const pool = ownPool('podman');
  const containers = [
    '[containers]',
    // Raising limits is not permitted inside most build machines; the defaults of Podman try to.
    'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]',
    '[engine]',
    'runtime = "runc"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    'lock_type = "file"',
    '[network]',
    `network_config_dir = ${JSON.stringify(networks)}`,
    `default_subnet_pools = [{ base = "${pool.base}", size = ${pool.size} }]`,
  ];
  const registries = [
    'unqualified-search-registries = []',
    ...insecure.flatMap((location) => ['[[registry]]', `location = ${JSON.stringify(location)}`, 'insecure = true']),
  ];
  if (bridge !== null) {
    writeFileSync(path.join(networks, '87-podman.conflist'), JSON.stringify(networkOn(bridge, home)));
  }
  const files = {
    CONTAINERS_CONF: path.join(home, 'containers.conf'),
    CONTAINERS_REGISTRIES_CONF: path.join(home, 'registries.conf'),
  };
  writeFileSync(files.CONTAINERS_CONF, `${containers.join('\n')}\n`);
  writeFileSync(files.CONTAINERS_REGISTRIES_CONF, `${registries.join('\n')}\n`);
  return files;
}

function networkOn(bridge: Bridge, home: string): unknown {
  return {
    cniVersion: '0.4.0',
    name: 'podman',
    plugins: [
      {
        type: 'bridge',
        bridge: bridge.name,
        isGateway: true,
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: path.join(home, 'addresses'),
          routes: [{ dst: '0.0.0.0/0' }],
          ranges: [[{ subnet: `${bridge.subnet}.0/24`, gateway: `${bridge.subnet}.1` }]],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}
