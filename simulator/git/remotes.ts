import type { GitPort, RepositoryAddress, ResolveSource } from '../../adapters/git/git-port.ts';
import type { RemoteHeads, ResolvedSource, SyncedRepository } from '../../adapters/git/git-types.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import { parseManifest } from '../../core/manifest/parse-manifest.ts';
import type { Behaviour } from '../agents/behaviour.ts';
import type { Disk } from '../disk/disk.ts';
import type { Ground } from '../ground/ground.ts';

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly behaviour: Behaviour;
  readonly manifest: Manifest;
  /** Its manifest cannot be read. */
  readonly broken: boolean;
}

/** A remote with one branch; somebody pushes to it, and sometimes it is not there. */
export interface Remote {
  readonly url: string;
  readonly agent: string;
  readonly commits: Commit[];
  up: boolean;
}

/** A manifest in which nothing is said but that it wants a network. */
export function plainManifest(name: string): Manifest {
  return parseManifest(JSON.stringify({ name, network: 'bridge' }), `${name}/manifest.json`);
}

/** Git as the server sees it: remotes that fail, and mirrors on the disk that do not forget. */
export class Remotes implements GitPort {
  readonly all = new Map<string, Remote>();
  readonly #ground: Ground;
  readonly #disk: Disk;
  /** What the mirror of a repository holds. */
  readonly #mirrors = new Map<string, Set<string>>();

  constructor(ground: Ground, disk: Disk) {
    this.#ground = ground;
    this.#disk = disk;
  }

  commit(hash: string): Commit | undefined {
    for (const { commits } of this.all.values()) for (const commit of commits) if (commit.hash === hash) return commit;
    return undefined;
  }

  async sync({ url }: RepositoryAddress, signal: AbortSignal): Promise<SyncedRepository> {
    return this.#talk(`sync ${url}`, signal, () => {
      const remote = this.#reach(url);
      const head = remote.commits.at(-1) as Commit;
      return { branch: 'main', commit: head.hash, agents: [{ name: remote.agent, about: '' }] };
    });
  }

  async heads({ url }: RepositoryAddress, signal: AbortSignal): Promise<RemoteHeads> {
    return this.#talk(`heads of ${url}`, signal, () => {
      const head = this.#reach(url).commits.at(-1) as Commit;
      return { defaultBranch: 'main', branches: new Map([['main', head.hash]]) };
    });
  }

  async resolve(
    { repository, agent, commit, release, deployment }: ResolveSource,
    signal: AbortSignal,
  ): Promise<ResolvedSource> {
    return this.#talk(`resolve ${deployment}#${release}`, signal, () => {
      const mirror = this.#mirrors.get(repository.url);
      const known = commit !== null && mirror?.has(commit) ? this.commit(commit) : undefined;
      const found = known ?? this.#fetched(repository.url, commit);
      if (!found) throw new PloinkyError('GIT_REF_NOT_FOUND', `There is no commit ${commit}.`);
      if (this.all.get(repository.url)?.agent !== agent)
        throw new PloinkyError('AGENT_NOT_FOUND', `There is no agent ${agent}.`);
      if (found.broken) throw new PloinkyError('MANIFEST_INVALID', 'The manifest cannot be read.');
      this.#ground.boundary(`resolving ${deployment}#${release}`);
      return { branch: 'main', commit: found.hash, subject: found.subject, manifest: found.manifest };
    });
  }

  async checkout(
    request: { repository: RepositoryAddress; commit: string; agent: string; target: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { commit, target } = request;
    await this.#talk(`checkout ${target}`, signal, () => {
      const found = this.commit(commit);
      if (!found) throw new PloinkyError('GIT_FAILED', `The mirror does not hold ${commit}.`);
      try {
        if (this.#disk.find(target)) this.#disk.remove(target);
        this.#disk.makeFolder(target, true);
        this.#disk.write(`${target}/behaviour.json`, Buffer.from(JSON.stringify(found.behaviour)), { synced: true });
      } catch (error) {
        throw new PloinkyError('GIT_FAILED', (error as Error).message, { cause: error });
      }
      this.#ground.boundary(`checking out ${target}`);
    });
  }

  async compare(): Promise<{ files: number; differing: string[] }> {
    return { files: 1, differing: [] };
  }

  /** Nobody sends a working tree here. */
  async receivePack(): Promise<void> {}

  async unpin(): Promise<void> {}

  /** Mirrors here are no files, and forget nothing. */
  readonly storage = { list: async () => [], unpin: async () => {}, remove: async () => {} };

  mirrorOf(url: string): string {
    return url;
  }

  #fetched(url: string, commit: string | null): Commit | undefined {
    const { commits } = this.#reach(url);
    return commit === null ? commits.at(-1) : commits.find(({ hash }) => hash === commit);
  }

  #reach(url: string): Remote {
    const remote = this.all.get(url);
    if (!remote) throw new PloinkyError('GIT_NOT_A_REPOSITORY', `There is no repository at ${url}.`);
    if (!remote.up || this.#ground.happens(this.#ground.odds.git)) {
      throw new PloinkyError('GIT_UNREACHABLE', `${url} does not answer.`);
    }
    this.#mirrors.set(url, new Set(remote.commits.map(({ hash }) => hash)));
    return remote;
  }

  async #talk<T>(what: string, signal: AbortSignal, work: () => T): Promise<T> {
    const { random, happens, odds } = {
      random: this.#ground.random,
      happens: (p: number) => this.#ground.happens(p),
      odds: this.#ground.odds,
    };
    const ms = happens(odds.git / 3) ? random.between(5_000, 90_000) : random.between(5, 400);
    this.#ground.tell(`git: ${what}`);
    const { life } = this.#ground;
    return new Promise((resolve, reject) => {
      const stop = () => {
        if (this.#ground.life === life && !this.#ground.down) reject(signal.reason);
      };
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.#ground
        .ask(ms, () => {
          if (!signal.aborted) return work();
          throw signal.reason;
        })
        .then(resolve, reject);
    });
  }
}
