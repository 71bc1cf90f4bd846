import type { TestProject } from 'vitest/node';
import { importBaseImages } from './base-images.ts';
import type { EngineStart } from './engine-start.ts';
import type { ProvidedEngine, ProvidedRegistry } from './live-engine.ts';
import { startDocker } from './start-docker.ts';
import { startPodman } from './start-podman.ts';
import { freePort, startRegistry } from './start-registry.ts';

/** One Docker, one Podman and one registry for a whole run of the live project, with the test images in both engines. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const port = await freePort();
  const [docker, podman, registry] = await Promise.all([
    startDocker(),
    startPodman({ insecureRegistries: [`127.0.0.1:${port}`] }),
    startRegistry(port),
  ]);
  const stop = async () => {
    const started = [docker, podman, registry].filter((one) => 'stop' in one);
    await Promise.all(started.map((one) => one.stop()));
  };
  try {
    await importBaseImages([docker, podman].flatMap((engine) => ('socketPath' in engine ? [engine.socketPath] : [])));
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('docker', placeOf(docker));
  project.provide('podman', placeOf(podman));
  project.provide('registry', ('address' in registry ? { address: registry.address } : registry) as ProvidedRegistry);
  return stop;
}

function placeOf(start: EngineStart): ProvidedEngine {
  return 'socketPath' in start ? { socketPath: start.socketPath } : { unavailable: start.unavailable };
}
