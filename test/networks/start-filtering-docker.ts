import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { importImage, nodeImage } from '../engines/base-images.ts';
import { answers, startDaemon } from '../engines/daemon.ts';
import { findProgram, makeEngineHome } from '../engines/engine-home.ts';
import { nodeEntries } from './node-entries.ts';

const run = promisify(execFile);

/** A dockerd with its defaults, packet filter included, in a network namespace of its own. */
export async function startFilteringDocker() {
  const ip = findProgram('ip') ?? 'ip';
  const namespace = `pkf${process.pid % 100_000}`;
  const home = makeEngineHome('filter');
  const socketPath = path.join(home, 'docker.sock');
  const configFile = path.join(home, 'daemon.json');
  const configuration = {
    'data-root': path.join(home, 'data'),
    'exec-root': path.join(home, 'exec'),
    pidfile: path.join(home, 'dockerd.pid'),
    hosts: [`unix://${socketPath}`],
    'shutdown-timeout': 3,
  };
  writeFileSync(configFile, JSON.stringify(configuration));
  await run(ip, ['netns', 'add', namespace]);
  await run(ip, ['-n', namespace, 'link', 'set', 'lo', 'up']);
  const plan = {
    home,
    program: findProgram('nsenter') ?? 'nsenter',
    args: [`--net=/run/netns/${namespace}`, findProgram('dockerd') ?? 'dockerd', '--config-file', configFile],
    environment: { DOCKER_HOST: '', DOCKER_CONFIG: home },
    after: [ip, 'netns', 'delete', namespace],
  };
  const stop = await startDaemon(plan, () => answers({ socketPath }, '/_ping'), 90_000);
  await importImage(socketPath, nodeImage, await nodeEntries());
  return { socketPath, namespace, stop };
}
