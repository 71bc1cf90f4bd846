import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { answers, startDaemon } from './daemon.ts';
import { findProgram, makeBridge, makeEngineHome, whyNotStartable } from './engine-home.ts';
import type { EngineStart } from './engine-start.ts';

/**
 * A `dockerd` of the test's own, with data, runtime state and socket in a temporary folder.
 * `PLOINKY_TEST_DOCKER_SOCKET` names a running engine to use instead.
 */
export async function startDocker(): Promise<EngineStart> {
  const given = process.env.PLOINKY_TEST_DOCKER_SOCKET;
  if (given) return { socketPath: given, stop: async () => undefined };
  const reason = whyNotStartable(['dockerd', 'containerd', 'runc']);
  if (reason !== null) return { unavailable: reason };

  const home = makeEngineHome('docker');
  const bridge = await makeBridge('pkd');
  const socketPath = path.join(home, 'docker.sock');
  const configuration = {
    'data-root': path.join(home, 'data'),
    'exec-root': path.join(home, 'exec'),
    pidfile: path.join(home, 'dockerd.pid'),
    hosts: [`unix://${socketPath}`],
    // Published loopback ports go through docker-proxy, so the machine's own packet filter stays as it is.
    iptables: false,
    'ip-forward': false,
    'ip-masq': false,
    'shutdown-timeout': 3,
    ...(bridge === null ? {} : { bridge: bridge.name }),
  };
  const configFile = path.join(home, 'daemon.json');
  writeFileSync(configFile, JSON.stringify(configuration));
  try {
    const plan = {
      home,
      program: findProgram('dockerd') ?? 'dockerd',
      args: ['--config-file', configFile],
      // An engine is addressed by its own socket here, whatever the shell around the tests has set.
      environment: { DOCKER_HOST: '', DOCKER_CONFIG: home },
      after: bridge?.removal,
    };
    return { socketPath, stop: await startDaemon(plan, () => answers({ socketPath }, '/_ping'), 90_000) };
  } catch (error) {
    return { unavailable: `dockerd does not start: ${(error as Error).message}` };
  }
}
