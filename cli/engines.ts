import type { Engine } from '../adapters/engine/engine-port.ts';
import type { EngineSearch } from '../adapters/engine/find-engine.ts';
import { EngineRegistry } from '../adapters/pipeline/engine-registry.ts';
import type { Paths } from '../adapters/pipeline/paths.ts';
import type { World } from '../adapters/pipeline/world.ts';
import type { Views } from '../projections/views.ts';

export interface EngineParts {
  readonly cloudId: string;
  readonly paths: Paths;
  readonly record: World['record'];
  readonly views: Views;
  readonly newTrace: () => string;
}

/** Docker, Podman and processes for one cloud; what nobody asks for is never loaded. */
export function createEngines({ cloudId, paths, record, views, newTrace }: EngineParts): EngineRegistry {
  const finders = {
    docker: async (signal: AbortSignal) => {
      const { findDockerEngine } = await import('../adapters/docker/find-docker-engine.ts');
      return found('docker', await findDockerEngine({ cloudId, signal }));
    },
    podman: async (signal: AbortSignal) => {
      const { findPodmanEngine } = await import('../adapters/podman/find-podman-engine.ts');
      return found('podman', await findPodmanEngine({ cloudId, signal }));
    },
    process: async () => {
      const { createProcessEngine } = await import('../adapters/process/process-engine.ts');
      return createProcessEngine({ cloudId, stateFolder: paths.process });
    },
  };
  return new EngineRegistry(finders, (engine, version) => {
    const { name, endpoint } = engine;
    const known = views.engines.get(name);
    if (known?.connected && known.version === version && known.endpoint === endpoint) return;
    const data = { engine: name, version, endpoint };
    const origin = { actor: 'system:engines', cause: null, trace: newTrace() };
    // Information only; the effect that wanted the engine does not wait for it.
    record([{ type: 'engine.connected', stream: `engine:${name}`, data }], origin).catch(() => {});
  });
}

async function found(name: 'docker' | 'podman', { engine, tried }: EngineSearch): Promise<Engine> {
  if (engine) return engine;
  const { engineNotFound } = await import('../adapters/engine/find-engine.ts');
  throw engineNotFound(name, tried);
}
