import { importBaseImages, nodeImage } from '../engines/base-images.ts';
import { type OwnDocker, startOwnDocker } from '../engines/start-docker.ts';

/** Runs `work` beside a Docker of its own with the test images in it; it may be killed and comes back by itself. */
export async function withOwnDocker<T>(
  restartAfterMs: number,
  work: (docker: OwnDocker, image: string) => Promise<T>,
): Promise<T> {
  const docker = await startOwnDocker(restartAfterMs);
  if ('unavailable' in docker) throw new Error(docker.unavailable);
  try {
    await importBaseImages([docker.socketPath]);
    return await work(docker, nodeImage);
  } finally {
    await docker.stop();
  }
}
