import { importBaseImages, nodeImage } from '../engines/base-images.ts';
import { startDocker } from '../engines/start-docker.ts';
import { startPodman } from '../engines/start-podman.ts';
import { countInEngine } from './count-in-engine.ts';
import { killAtBoundaries } from './kill-boundaries.ts';

/** So many kills at each boundary between effects, on an engine of its own. Resolves with the kills at each. */
export async function boundariesOn(
  engine: 'docker' | 'podman',
  kills: number,
  seed: number,
  onProgress: (figures: object) => void,
): Promise<Record<string, number>> {
  const started = await (engine === 'docker' ? startDocker() : startPodman());
  if ('unavailable' in started) throw new Error(started.unavailable);
  const { socketPath } = started;
  try {
    await importBaseImages([socketPath]);
    return await killAtBoundaries({
      engine,
      kills,
      seed,
      onProgress,
      settings: { defaultImage: nodeImage },
      env: { [engine === 'docker' ? 'DOCKER_HOST' : 'CONTAINER_HOST']: `unix://${socketPath}` },
      counted: ({ id }) => countInEngine(socketPath, id),
    });
  } finally {
    await started.stop();
  }
}
