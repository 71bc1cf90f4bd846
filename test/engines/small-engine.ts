import type { OwnEngine } from './engine-start.ts';
import { startOwnDocker } from './start-docker.ts';
import { startOwnPodman } from './start-podman.ts';

/** One whose images and containers are on a disk of that size. @throws Error where none can be started */
export async function startSmallEngine(
  kind: 'docker' | 'podman',
  diskMegabytes: number,
  insecureRegistries: readonly string[] = [],
): Promise<OwnEngine> {
  const started = await (kind === 'docker'
    ? startOwnDocker(null, diskMegabytes)
    : startOwnPodman({ diskMegabytes, insecureRegistries }));
  if ('unavailable' in started) throw new Error(started.unavailable);
  return started;
}
