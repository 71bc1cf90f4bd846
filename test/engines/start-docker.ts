import { writeFileSync } from 'node:fs';
import path from 'node:path';
import Docker from 'dockerode';
import { packageRoot } from '../../cli/package-root.ts';
import { answers, startDaemon } from './daemon.ts';
import { findProgram, makeBridge, makeEngineHome, ownPool, whyNotStartable } from './engine-home.ts';
import type { EngineStart, OwnEngine } from './engine-start.ts';
import { mountSmallDisk } from './small-disk.ts';

/**
 * A `dockerd` of the test's own, with data, runtime state and socket in a temporary folder.
 * `PLOINKY_TEST_DOCKER_SOCKET` names a running engine to use instead.
 */
export async function startDocker(): Promise<EngineStart> {
  const given = process.env.PLOINKY_TEST_DOCKER_SOCKET;
  if (given) return { socketPath: given, stop: async () => undefined };
  return startOwnDocker();
}

export interface OwnDocker extends OwnEngine {
  /** Where the daemon that runs at the moment says its pid. */
  readonly pidFile: string;
}

/**
 * @param restartAfterMs started again so long after its death; null = it stays dead
 * @param diskMegabytes its data is on a file system of that size; null = on that of the temporary folder
 */
export async function startOwnDocker(
  restartAfterMs: number | null = null,
  diskMegabytes: number | null = null,
): Promise<OwnDocker | { unavailable: string }> {
  const reason = whyNotStartable(['dockerd', 'containerd', 'runc']);
  if (reason !== null) return { unavailable: reason };

  const home = makeEngineHome('docker');
  const bridge = await makeBridge('pkd');
  const socketPath = path.join(home, 'docker.sock');
  const pidFile = path.join(home, 'dockerd.pid');
  const configuration = {
    'data-root': path.join(home, 'data'),
    'exec-root': path.join(home, 'exec'),
    pidfile: pidFile,
    hosts: [`unix://${socketPath}`],
    // Published loopback ports go through docker-proxy, so the machine's own packet filter stays as it is.
    iptables: false,
    'ip-forward': false,
    'ip-masq': false,
    'shutdown-timeout': 3,
    'default-address-pools': [ownPool('docker')],
    ...(bridge === null ? {} : { bridge: bridge.name }),
  };
  const configFile = path.join(home, 'daemon.json');
  writeFileSync(configFile, JSON.stringify(configuration));
  try {
    const dockerd = [findProgram('dockerd') ?? 'dockerd', '--config-file', configFile] as const;
    const restarting = path.join(packageRoot(), 'test/engines/restarting.mjs');
    const [program, ...args] =
      restartAfterMs === null ? dockerd : [process.execPath, restarting, String(restartAfterMs), ...dockerd];
    const plan = {
      home,
      program,
      args,
      // An engine is addressed by its own socket here, whatever the shell around the tests has set.
      environment: { DOCKER_HOST: '', DOCKER_CONFIG: home },
      after: bridge?.removal,
    };
    if (diskMegabytes !== null) await mountSmallDisk(configuration['data-root'], diskMegabytes);
    const stop = await startDaemon(plan, () => answers({ socketPath }, '/_ping'), 90_000);
    const removeByHand = (name: string) => new Docker({ socketPath }).getContainer(name).remove({ force: true });
    return { socketPath, pidFile, home, storage: configuration['data-root'], removeByHand, stop };
  } catch (error) {
    return { unavailable: `dockerd does not start: ${(error as Error).message}` };
  }
}
