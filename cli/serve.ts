import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setAutoFreeze } from 'immer';
import { createAgentTransports } from '../adapters/agents/create-agent-transports.ts';
import { Cloud } from '../adapters/cloud/cloud.ts';
import type { CloudParts } from '../adapters/cloud/cloud-parts.ts';
import { type InitToken, noInitToken, writeInitToken } from '../adapters/cloud/init-token.ts';
import { type ClusterOptions, startCluster } from '../adapters/cluster/cluster.ts';
import { Feed } from '../adapters/cluster/feed.ts';
import { followedTypes } from '../adapters/cluster/followed-state.ts';
import { createNursery } from '../adapters/cluster/spawn-worker.ts';
import { workerCount } from '../adapters/cluster/worker-count.ts';
import { bundleExamples } from '../adapters/git/bundle-examples.ts';
import { createGit } from '../adapters/git/create-git.ts';
import { bindProblem } from '../adapters/http/bind-policy.ts';
import type { HttpAddress } from '../adapters/http/http-address.ts';
import { createHttpServer } from '../adapters/http/http-server.ts';
import { DayFile } from '../adapters/logs/day-file.ts';
import { createLogger } from '../adapters/logs/logger.ts';
import { dataPaths, type Paths } from '../adapters/pipeline/paths.ts';
import { RequestsUnderWay } from '../adapters/pipeline/requests-under-way.ts';
import { createFileSecrets } from '../adapters/secrets/file-secrets.ts';
import { keyVariable } from '../adapters/secrets/secret-key.ts';
import { createSnapshots } from '../adapters/snapshots/create-snapshots.ts';
import { randomId, systemClock } from '../core/clock/clock.ts';
import { createFileBlobStore } from '../core/log/file-blobs.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../core/log/level-log.ts';
import { defaultSettings, type Settings } from '../core/settings/settings.ts';
import { createEngines } from './engines.ts';
import { makeFolder } from './make-folder.ts';
import { packageRoot, packageVersion } from './package-root.ts';

export interface ServeOptions {
  /** Working folder, absolute; the data go to `.ploinky-cloud` below it. */
  readonly dir: string;
  /** Default: the setting port. 0 = any free one. */
  readonly port?: number;
  /** Default: both loopback addresses. */
  readonly host?: string;
}

export interface Server {
  readonly url: string;
  readonly port: number;
  /** Ends the server. Containers keep running. */
  stop(): Promise<void>;
}

const bundledName = 'PloinkyDemo';

/**
 * The one place that wires everything: log, kernel, engines, Git, agents and HTTP.
 * @throws PloinkyError LOG_HELD, LOG_DAMAGED, LOG_FORMAT, PORT_IN_USE, BIND_REFUSED
 */
export async function serve({ dir, port, host }: ServeOptions): Promise<Server> {
  // Freezing costs more than folding; the tests keep it on.
  setAutoFreeze(false);
  const root = packageRoot();
  const paths = dataPaths(dir, join(root, 'dist', 'agent-core'));
  await makeFolder(paths.data);

  let settings: Settings = defaultSettings;
  const dayFile = new DayFile({ folder: paths.logs, retentionDays: () => settings.metricsRetention });
  const logger = createLogger(dayFile, settings.logLevel);
  const holder = `ploinky server in ${dir}`;
  const existing = await openExisting(paths, holder);
  // An init that was cut off before its first event left an empty log; the next init uses it.
  const begun = existing !== null && existing.head().seq > 0 ? existing : null;
  const initToken: InitToken = begun ? noInitToken : await writeInitToken(paths.initToken);

  const feed = new Feed(followedTypes);
  const requests = new RequestsUnderWay();
  const nursery = createNursery(join(root, 'dist', 'cli', 'p-cloud-worker.js'), process.env);
  // A cloud that is not made yet has no setting that asks for workers.
  let count = begun ? null : 1;
  const cloud = new Cloud({
    version: packageVersion(),
    initToken,
    createLog: async () => existing ?? createLevelLog({ folder: paths.data, holder }),
    bundle: () => bundle(root, paths),
    parts: cloudParts(
      paths,
      logger,
      () => settings,
      (changed) => {
        settings = changed;
        logger.level = changed.logLevel;
        if (count !== null) return;
        count = workerCount(changed.workersCount, process.env);
        // They load their programs while the engines are asked what runs.
        if (count > 1) nursery.prepare(count);
      },
      feed,
      requests,
    ),
  });
  try {
    if (begun) {
      if (!begun.format.fork && existsSync(join(root, 'examples'))) await bundle(root, paths);
      await cloud.open(begun);
    }
    const refusal = bindProblem(host, { initialized: begun !== null, enableAuth: settings.enableAuth });
    if (refusal) throw refusal;
    const http = await listening(
      {
        cloud,
        logger,
        dataFolder: paths.data,
        requests,
        clientFiles: { 'ploinkyClient.js': join(root, 'dist', 'client', 'ploinky-client.cjs') },
        limits: { bodyLimitBytes: settings.bodyLimitBytes },
        port: port ?? settings.port,
        ...(host === undefined ? {} : { host }),
      },
      { dir, paths, feed, spawn: nursery.spawn, count: count ?? 1 },
    );
    const { address } = http;
    logger.info({ url: address.url, phase: cloud.phase() }, 'listening');
    return {
      ...address,
      async stop() {
        logger.info({}, 'stopping');
        await http.close();
        await cloud.stop();
        if (!begun) await initToken.remove();
        await dayFile.close();
      },
    };
  } catch (error) {
    nursery.discard();
    await cloud.stop().catch(() => {});
    await existing?.close().catch(() => {});
    await dayFile.close();
    throw error;
  }
}

/** In this process, or with workers in front of it. */
async function listening(
  options: Parameters<typeof createHttpServer>[0] & { readonly cloud: Cloud },
  crew: Pick<ClusterOptions, 'dir' | 'paths' | 'feed' | 'spawn' | 'count'>,
): Promise<{ readonly address: HttpAddress; close(): Promise<void> }> {
  if (crew.count > 1) return startCluster({ ...options, ...crew });
  const http = await createHttpServer(options);
  return { address: await http.listen(), close: () => http.close() };
}

/** Null only where nothing of a log was ever there: remains of one are opened, and refused if damaged. */
async function openExisting(paths: Paths, holder: string): Promise<LevelLog | null> {
  const remains = ['log', 'head.json'].some((name) => existsSync(join(paths.data, name)));
  return remains ? openLevelLog({ folder: paths.data, holder }) : null;
}

async function bundle(root: string, paths: Paths): Promise<string | null> {
  const target = join(paths.bundled, `${bundledName}.git`);
  await bundleExamples({ examplesFolder: join(root, 'examples'), target });
  return `bundled:${bundledName}`;
}

function cloudParts(
  paths: Paths,
  logger: CloudParts['logger'],
  settings: () => Settings,
  onSettings: (settings: Settings) => void,
  followers: Feed,
  requests: RequestsUnderWay,
): CloudParts {
  return {
    blobs: createFileBlobStore(paths.data),
    snapshots: createSnapshots(paths.data, (file, reason) =>
      logger.warn({ file }, `a snapshot is not used: ${reason}`),
    ),
    clock: systemClock,
    newId: randomId,
    now: () => systemClock.now(),
    git: createGit({
      reposFolder: paths.repos,
      bundledFolder: paths.bundled,
      allowLocal: () => settings()['git.allowLocal'],
      timeoutMs: () => settings()['git.timeoutMs'],
    }),
    secrets: (cloudId) =>
      createFileSecrets({
        folder: paths.secrets,
        key: { file: paths.secretKey, given: process.env[keyVariable] },
        cloudId,
      }),
    transports: createAgentTransports(),
    paths,
    logger,
    engines: (cloudId, record, views) => createEngines({ cloudId, paths, record, views, newTrace: randomId }),
    onSettings,
    followers,
    requests,
  };
}
