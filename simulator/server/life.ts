import type { CloudParts } from '../../adapters/cloud/cloud-parts.ts';
import { RunningCloud } from '../../adapters/cloud/running-cloud.ts';
import { findEngine } from '../../adapters/engine/find-engine.ts';
import { EngineRegistry } from '../../adapters/pipeline/engine-registry.ts';
import { RequestsUnderWay } from '../../adapters/pipeline/requests-under-way.ts';
import type { Logger } from '../../adapters/pipeline/world.ts';
import { createSnapshots } from '../../adapters/snapshots/create-snapshots.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { createFileBlobStore } from '../../core/log/file-blobs.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../../core/log/level-log.ts';
import type { Simulation } from '../simulation.ts';
import { Crew } from './crew.ts';
import { Gateway } from './gateway.ts';
import { cloudId, paths } from './place.ts';

/** One life of the server, once it has begun. */
export interface Life {
  readonly cloud: RunningCloud;
  readonly gateway: Gateway;
  /** Null where the server takes requests itself. */
  readonly crew: Crew | null;
}

/** One life of the server: the real log and the real cloud, on a simulated world. */
export async function begin(simulation: Simulation): Promise<Life> {
  const { ground } = simulation;
  const exists = simulation.disk.find(`${paths.data}/log`) !== undefined;
  const options = {
    folder: paths.data,
    holder: 'the simulated server',
    onTrouble: (error: unknown) => ground.tell(`log: ${(error as Error).message}`),
  };
  const log = exists ? await openLevelLog(options) : await createLevelLog(options);
  const events: EventEnvelope[] = [];
  for await (const piece of log.readPieces()) events.push(...piece);
  simulation.record.beginWith(events);
  listen(log, simulation);
  const crew = simulation.workers > 1 ? new Crew(simulation) : null;
  const parts = partsOf(simulation, crew);
  const cloud = await start(log, parts);
  const gateway = new Gateway(simulation, {
    views: () => cloud.kernel.views,
    settings: () => cloud.world.settings(),
    requests: parts.requests,
  });
  crew?.begin(simulation.workers, cloud, parts.requests, parts.logger);
  return { cloud, gateway, crew };
}

function start(log: LevelLog, parts: CloudParts): Promise<RunningCloud> {
  if (log.head().seq > 0) return RunningCloud.start(log, parts);
  const command = {
    type: 'initializeCloud',
    cloudId,
    version: '0.0.0',
    keyId: 'k_1',
    keyHash: 'hash',
    bundledUrl: null,
  } as const;
  return RunningCloud.start(log, parts, { command, origin: { actor: 'anonymous', trace: 'init', cause: null } });
}

/** Hears of everything that the log says is stored, before whoever appended it does. */
function listen(log: LevelLog, simulation: Simulation): void {
  const append = log.append.bind(log);
  log.append = async (events, options) => {
    const stored = await append(events, options);
    simulation.record.acknowledged(stored);
    return stored;
  };
  log.subscribe({}, (events) => simulation.record.stored(events));
}

function partsOf(simulation: Simulation, crew: Crew | null): CloudParts {
  const { ground } = simulation;
  const newId = () => ground.random.id(21);
  return {
    blobs: createFileBlobStore(paths.data),
    snapshots: createSnapshots(paths.data),
    clock: { now: () => ground.time.wall(), monotonic: () => performance.now() },
    newId,
    now: () => ground.time.wall(),
    git: simulation.remotes,
    secrets: (id) => simulation.secrets.open(paths, id),
    ...(crew ? { followers: crew.feed } : {}),
    transports: simulation.transports,
    paths,
    requests: new RequestsUnderWay(),
    logger: loggerOf(simulation),
    onSettings: () => {},
    engines: (id, record, views) => {
      const finder = (kind: 'docker' | 'podman') => async (signal: AbortSignal) => {
        const places = () => [{ host: `unix:///simulated/${kind}.sock`, chosenBy: null }];
        const machine = { environment: {}, home: '/', user: { uid: 1_000, gid: 1_000 } };
        const { engine, tried } = await findEngine(kind, places, { cloudId: id, signal, machine });
        if (engine) return engine;
        throw new PloinkyError('ENGINE_UNAVAILABLE', tried.map(({ reason }) => reason).join(' '));
      };
      const none = async () => {
        throw new PloinkyError('ENGINE_UNAVAILABLE', 'There are no processes in this world.');
      };
      return new EngineRegistry(
        { docker: finder('docker'), podman: finder('podman'), process: none },
        (engine, version) => {
          const { name, endpoint } = engine;
          const known = views.engines.get(name);
          if (known?.connected && known.version === version && known.endpoint === endpoint) return;
          const data = { engine: name, version, endpoint };
          const origin = { actor: 'system:engines', cause: null, trace: newId() };
          record([{ type: 'engine.connected', stream: `engine:${name}`, data }], origin).catch(() => {});
        },
      );
    },
  };

  function loggerOf({ ground }: Simulation): Logger {
    const say = (level: string) => (fields: object, message: string) => {
      const { err } = fields as { err?: unknown };
      ground.tell(`server ${level}: ${message}${err instanceof Error ? ` (${err.message.slice(0, 200)})` : ''}`);
    };
    return { debug: () => {}, info: () => {}, warn: say('warns'), error: say('errs') };
  }
}
