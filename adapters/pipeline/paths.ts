import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentKey } from '../../core/names/names.ts';

/** Where things lie below the data folder. All absolute. */
export interface Paths {
  readonly data: string;
  readonly log: string;
  readonly repos: string;
  readonly bundled: string;
  readonly logs: string;
  readonly process: string;
  /** What install steps left, by key. */
  readonly installCache: string;
  /** Encrypted values, and the key to them where it comes from no other place. */
  readonly secrets: string;
  readonly secretKey: string;
  readonly initToken: string;
  /** Compiled AgentCore, mounted at /agentCore. */
  readonly agentCore: string;
  /** Parent of all run folders. */
  readonly runRoot: string;
  /** Replicas of a release have one checkout; queue and run folder are of one container each. */
  release(deployment: string, n: number, replica?: number): ReleasePaths;
}

export interface ReleasePaths {
  readonly root: string;
  readonly code: string;
  readonly queue: string;
  /** Holds `agent.sock`. */
  readonly run: string;
  /** Name below logs/ of the output of the install step. */
  readonly installLog: string;
}

/** A unix socket's path holds 107 bytes; `agent.sock` and the release's folder come after the root. */
const longestRunRoot = 45;

/** In a run folder: where a web service may listen instead of its port. */
export const webSocketFile = 'web.sock';

/** Where sockets lie that are shared with containers; below the system's temporary folder where `data` lies too deep. */
export function runRootOf(data: string): string {
  const near = join(data, 'run');
  const name = `ploinky-${createHash('sha256').update(data).digest('hex').slice(0, 12)}`;
  return Buffer.byteLength(near) <= longestRunRoot ? near : join(tmpdir(), name);
}

/** What is shared with one container, mounted at /run/ploinky. */
export function runFolder(runRoot: string, deployment: string, n: number, replica: number): string {
  return join(runRoot, `${deploymentKey(deployment).slice(0, 40)}-${n}${replica === 1 ? '' : `.${replica}`}`);
}

/** Where the files of a release lie; `code` in it is the folder of the agent. */
export function releaseFolder(data: string, deployment: string, n: number): string {
  return join(data, 'agents', deploymentKey(deployment), String(n));
}

export function dataPaths(dir: string, agentCore: string): Paths {
  const data = join(dir, '.ploinky-cloud');
  const runRoot = runRootOf(data);
  return {
    data,
    log: data,
    repos: join(data, 'repos'),
    bundled: join(data, 'bundled'),
    logs: join(data, 'logs'),
    process: join(data, 'process'),
    installCache: join(data, 'install-cache'),
    secrets: join(data, 'secrets'),
    secretKey: join(data, 'secrets.key'),
    initToken: join(data, 'init-token'),
    agentCore,
    runRoot,
    release(deployment, n, replica = 1) {
      const key = deploymentKey(deployment);
      const root = releaseFolder(data, deployment, n);
      const which = replica === 1 ? '' : `.${replica}`;
      return {
        root,
        code: join(root, 'code'),
        queue: join(root, `queue${which}`),
        run: runFolder(runRoot, deployment, n, replica),
        installLog: `install-${key}-${n}.log`,
      };
    },
  };
}
