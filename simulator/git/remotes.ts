import type { GitPort, RepositoryAddress, ResolveSource } from '../../adapters/git/git-port.ts';
import type { RemoteHeads, ResolvedSource, SyncedRepository } from '../../adapters/git/git-types.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import { deploymentKey } from '../../core/names/names.ts';
import type { Behaviour } from '../agents/behaviour.ts';
import type { Disk } from '../disk/disk.ts';
import type { Ground } from '../ground/ground.ts';
import type { Trade } from '../script/commits.ts';

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
  /** What its folder holds, mostly. */
  readonly trade: Trade;
  /** Oldest first; somebody may take the newest ones back. */
  readonly commits: Commit[];
  up: boolean;
}

/** What the server keeps of a remote. */
interface Mirror {
  /** Hashes that the branch led to when it was fetched last. */
  branch: ReadonlySet<string>;
  /** Hash by `<deployment key>/<release>`. */
  readonly pins: Map<string, string>;
}

/** Git as the server sees it: remotes that fail, and mirrors that keep what the branch leads to and what is pinned. */
export class Remotes implements GitPort {
  readonly all = new Map<string, Remote>();
  readonly #ground: Ground;
  readonly #disk: Disk;
  readonly #mirrors = new Map<string, Mirror>();
  /** Every commit that anybody ever pushed, by hash. */
  readonly #known = new Map<string, Commit>();
  /** Told of pins before they go. */
  onUnpin: (pins: readonly string[]) => void = () => {};

  constructor(ground: Ground, disk: Disk) {
    this.#ground = ground;
    this.#disk = disk;
  }

  push(remote: Remote, commit: Commit): void {
    remote.commits.push(commit);
    this.#known.set(commit.hash, commit);
  }

  /** Hashes that a remote does not have any more. */
  takeBack(remote: Remote): Commit | undefined {
    return remote.commits.length > 1 ? remote.commits.pop() : undefined;
  }

  /** Whether the mirrors still have a commit. */
  holds(hash: string): boolean {
    for (const { branch, pins } of this.#mirrors.values())
      if (branch.has(hash) || [...pins.values()].includes(hash)) return true;
    return false;
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
      const head = this.#asked(url).commits.at(-1) as Commit;
      return { defaultBranch: 'main', branches: new Map([['main', head.hash]]) };
    });
  }

  async kindOf({ url }: RepositoryAddress, name: string, signal: AbortSignal): Promise<'branch' | null> {
    return this.#talk(`kind of ${name} of ${url}`, signal, () => (name === 'main' ? 'branch' : null));
  }

  async resolve(
    { repository, agent, commit, release, deployment }: ResolveSource,
    signal: AbortSignal,
  ): Promise<ResolvedSource> {
    return this.#talk(`resolve ${deployment}#${release}`, signal, () => {
      const known = commit !== null && this.#mirrorHolds(repository.url, commit) ? this.#known.get(commit) : undefined;
      const found = known ?? this.#fetched(repository.url, commit);
      if (!found) throw new PloinkyError('GIT_REF_NOT_FOUND', `There is no commit ${commit}.`);
      if (this.all.get(repository.url)?.agent !== agent)
        throw new PloinkyError('AGENT_NOT_FOUND', `There is no agent ${agent}.`);
      if (found.broken) throw new PloinkyError('MANIFEST_INVALID', 'The manifest cannot be read.');
      this.#mirrors.get(repository.url)?.pins.set(`${deploymentKey(deployment)}/${release}`, found.hash);
      this.#ground.boundary(`resolving ${deployment}#${release}`);
      return { branch: 'main', commit: found.hash, subject: found.subject, manifest: found.manifest };
    });
  }

  async checkout(
    request: { repository: RepositoryAddress; commit: string; agent: string; target: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { commit, target, repository } = request;
    await this.#talk(`checkout ${target}`, signal, () => {
      const found = this.#mirrorHolds(repository.url, commit) ? this.#known.get(commit) : undefined;
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

  /** Mirrors here are no files. */
  readonly storage = {
    list: () =>
      this.#ground.ask(this.#ground.random.between(1, 20), () =>
        [...this.#mirrors].map(([url, { pins }]) => ({ id: url, address: url, pins: [...pins.keys()] })),
      ),
    unpin: (id: string, choose: (pins: readonly string[]) => readonly string[]) =>
      this.#ground.ask(this.#ground.random.between(1, 200), () => {
        const pins = this.#mirrors.get(id)?.pins;
        const chosen = choose([...(pins?.keys() ?? [])]);
        this.onUnpin(chosen);
        for (const pin of chosen) pins?.delete(pin);
        this.#ground.boundary(`taking ${chosen.length} pins away`);
      }),
    remove: (id: string) =>
      this.#ground.ask(this.#ground.random.between(1, 200), () => {
        this.onUnpin([...(this.#mirrors.get(id)?.pins.keys() ?? [])]);
        this.#mirrors.delete(id);
      }),
  };

  mirrorOf(url: string): string {
    return url;
  }

  #fetched(url: string, commit: string | null): Commit | undefined {
    const { commits } = this.#reach(url);
    return commit === null ? commits.at(-1) : commits.find(({ hash }) => hash === commit);
  }

  /** Asked, and brought home what it has. */
  #reach(url: string): Remote {
    const remote = this.#asked(url);
    const mirror = this.#mirrors.get(url) ?? { branch: new Set<string>(), pins: new Map<string, string>() };
    mirror.branch = new Set(remote.commits.map(({ hash }) => hash));
    this.#mirrors.set(url, mirror);
    return remote;
  }

  #asked(url: string): Remote {
    const remote = this.all.get(url);
    if (!remote) throw new PloinkyError('GIT_NOT_A_REPOSITORY', `There is no repository at ${url}.`);
    if (!remote.up || this.#ground.happens(this.#ground.odds.git)) {
      throw new PloinkyError('GIT_UNREACHABLE', `${url} does not answer.`);
    }
    return remote;
  }
  #mirrorHolds(url: string, hash: string): boolean {
    const mirror = this.#mirrors.get(url);
    return mirror !== undefined && (mirror.branch.has(hash) || [...mirror.pins.values()].includes(hash));
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
      const over = () => signal.removeEventListener('abort', stop);
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
        .then(resolve, reject)
        .finally(over);
    });
  }
}
