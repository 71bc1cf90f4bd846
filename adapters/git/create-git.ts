import { basename, join } from 'node:path';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { deploymentKey, parseName } from '../../core/names/names.ts';
import { parseRefName } from '../../core/names/ref-name.ts';
import { parseRemoteUrl, type RemoteUrl, requirePermitted } from '../../core/names/remote-url.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import { listAgents, readManifest } from './agents-at-commit.ts';
import { checkoutAgent } from './checkout-agent.ts';
import { readSubject } from './commit-subject.ts';
import { compareCheckout } from './compare-checkout.ts';
import { isDamage } from './damage.ts';
import { fetchMirror, remakeMirror } from './fetch-mirror.ts';
import { commitNamed, fullHash, headOf, requireBranch } from './find-commit.ts';
import { taggedCommit } from './find-tag.ts';
import { lastWords } from './git-failure.ts';
import type { GitPort, RepositoryAddress, ResolveSource } from './git-port.ts';
import { LocalGitError } from './local-git.ts';
import { type Mirror, MirrorFolder } from './mirror.ts';
import { commitsByPrefix, pin, unpin } from './mirror-refs.ts';
import { MirrorStorage } from './mirror-storage.ts';
import { receivePack } from './receive-pack.ts';
import { fetchObjects, listBranches, listNamed, MirrorDamaged, type Remote, stopped } from './remote.ts';
import { headsOf, type RemoteRefs } from './remote-refs.ts';
import { Turns } from './turns.ts';

export interface GitOptions {
  /** Absolute; mirrors live here. Made when absent. */
  readonly reposFolder: string;
  /** Absolute; holds `<name>.git` for `bundled:<name>`. */
  readonly bundledFolder: string;
  /** Absolute; holds `<name>.git` for `ploinky-dev:<name>`. Made when absent. */
  readonly devFolder?: string;
  /** Asked anew for every call, as settings change. */
  readonly allowLocal: () => boolean;
  /** ms; for one conversation with a remote. */
  readonly timeoutMs: () => number;
}

interface Opened extends Remote {
  readonly url: RemoteUrl;
}

export function createGit(options: GitOptions): GitPort {
  const mirrors = new MirrorFolder(options.reposFolder);
  const turns = new Turns();
  const devFolder = options.devFolder ?? join(options.reposFolder, '..', 'dev');
  const devTurns = new OneAtATime();

  const open = async (repository: RepositoryAddress, signal: AbortSignal): Promise<Opened> => {
    const url = parseRemoteUrl(repository.url);
    const own = url.kind === 'bundled' || url.kind === 'dev';
    const folder = url.kind === 'dev' ? devFolder : options.bundledFolder;
    const timeoutMs = options.timeoutMs();
    return {
      url,
      label: `${repository.name} (${own ? repository.url : url.url})`,
      key: own ? repository.url : url.url,
      address: own ? join(folder, `${url.name}.git`) : url.url,
      protocol: url.protocol,
      home: await mirrors.home(),
      timeoutMs,
      signal,
      deadline: AbortSignal.timeout(timeoutMs),
    };
  };
  const exclusively = (remote: Remote) => {
    return <T>(step: () => Promise<T>) => turns.take(remote, step);
  };
  const fetchRefs = async (remote: Opened): Promise<RemoteRefs> => {
    requirePermitted(remote.url, options.allowLocal());
    return fetchMirror(mirrors, remote, exclusively(remote)).catch((error) => {
      throw forUsers(error, remote);
    });
  };

  /** Runs a step on the mirror; when the mirror turns out to be damaged, makes it anew and runs the step once more. */
  const onMirror = async <T>(remote: Opened, step: (mirror: Mirror) => Promise<T>): Promise<T> => {
    const attempt = async () => step(await mirrors.open(remote.key));
    try {
      return await attempt().catch(async (error) => {
        if (!isDamage(error) || remote.signal.aborted) throw error;
        requirePermitted(remote.url, options.allowLocal());
        await remakeMirror(mirrors, remote, exclusively(remote));
        return attempt();
      });
    } catch (error) {
      throw forUsers(error, remote);
    }
  };

  return {
    storage: new MirrorStorage(options.reposFolder, mirrors, turns),

    mirrorOf(address) {
      const url = parseRemoteUrl(address);
      return basename(mirrors.folderOf(url.kind === 'bundled' || url.kind === 'dev' ? address : url.url));
    },

    async sync(repository, signal) {
      const branch = repository.branch === null ? null : parseRefName(repository.branch, 'branch');
      const remote = await open(repository, signal);
      const refs = await fetchRefs(remote);
      const head = headOf(refs, branch, remote.label);
      const agents = await onMirror(remote, (mirror) => listAgents(mirror, head.commit));
      return { ...head, agents };
    },

    async heads(repository, signal) {
      const remote = await open(repository, signal);
      requirePermitted(remote.url, options.allowLocal());
      return headsOf(await listBranches(remote));
    },

    async kindOf(repository, name, signal) {
      const remote = await open(repository, signal);
      requirePermitted(remote.url, options.allowLocal());
      const { objects } = await listNamed(remote, parseRefName(name, 'branch'));
      if (objects.has(`refs/heads/${name}`)) return 'branch';
      return objects.has(`refs/tags/${name}`) ? 'tag' : null;
    },

    async resolve(request, signal) {
      const wanted = checkRequest(request);
      const remote = await open(request.repository, signal);
      const held = await isHeld(remote, wanted.commit);
      const refs = held ? noRefs : await fetchRefs(remote);
      return onMirror(remote, async (mirror) => {
        const { branch, commit } = await findSource(remote, mirror, refs, wanted);
        const read = await pinnedWhile(mirror, pinOf(request), commit, () =>
          mirror.reading(async (objects) => {
            const both = [readSubject(objects, commit), readManifest(objects, commit, wanted.agent)] as const;
            const [subject, manifest] = await Promise.all(both);
            return { subject, manifest };
          }, signal),
        );
        return { branch, commit, ...read };
      });
    },

    async checkout({ repository, commit, agent, target }, signal) {
      parseName(agent, 'agent');
      const remote = await open(repository, signal);
      await onMirror(remote, (mirror) => checkoutAgent(mirror, { commit, agent, target }, signal));
    },

    async compare({ repository, commit, agent, folder }, signal) {
      parseName(agent, 'agent');
      const remote = await open(repository, signal);
      return onMirror(remote, (mirror) => compareCheckout(mirror, { commit, agent, folder }, signal));
    },

    async receivePack(received, signal) {
      await devTurns.run(received.name, () => receivePack(devFolder, received, signal));
    },

    async unpin(request) {
      const remote = await open(request.repository, new AbortController().signal);
      if (!(await mirrors.exists(remote.key))) return;
      const mirror = await mirrors.open(remote.key);
      await turns
        .take(remote, () => unpin(mirror, pinOf(request)))
        .catch((error) => {
          throw forUsers(error, remote);
        });
    },
  };

  /** Whether the commit is a full hash and here already, so that the remote need not be asked. */
  async function isHeld(remote: Opened, commit: string | null): Promise<boolean> {
    if (commit === null || !fullHash.test(commit) || !(await mirrors.exists(remote.key))) return false;
    // A mirror that cannot even say that is damaged; the fetch that follows makes it anew.
    return holds(await mirrors.open(remote.key), commit).catch(() => false);
  }

  async function findSource(
    remote: Opened,
    mirror: Mirror,
    refs: RemoteRefs,
    { commit, tag, branch, follows }: Wanted,
  ) {
    if (commit === null && tag !== null) {
      return { branch: null, commit: await taggedCommit(mirror, refs, tag, remote.label) };
    }
    if (commit === null) {
      const head = headOf(refs, branch, remote.label);
      if (follows) requireBranch(refs, head.branch, remote.label);
      return head;
    }
    if (fullHash.test(commit) && refs !== noRefs && !(await holds(mirror, commit))) {
      // No branch leads there any more; many hosts give it out all the same.
      await turns.take(remote, () => fetchObjects(remote, mirror, [commit])).catch(ignoreNotFound);
    }
    return { branch, commit: await commitNamed(mirror, refs, commit, remote.label) };
  }
}

/** Where the remote was not asked, because the commit is here. */
const noRefs: RemoteRefs = { defaultBranch: null, objects: new Map(), peeled: new Map() };

interface Wanted {
  readonly agent: string;
  readonly branch: string | null;
  readonly tag: string | null;
  readonly commit: string | null;
  readonly follows: boolean;
}

/** @throws PloinkyError INVALID_NAME */
function checkRequest({ agent, branch, tag = null, commit, repository, follows = false }: ResolveSource): Wanted {
  const hash = commit?.toLowerCase() ?? '';
  const named = commit === null ? (branch ?? repository.branch) : branch;
  return {
    agent: parseName(agent, 'agent'),
    branch: named === null ? null : parseRefName(named, 'branch'),
    tag: tag === null ? null : parseRefName(tag, 'tag'),
    commit: commit === null ? null : parseRefName(fullHash.test(hash) ? hash : commit, 'commit'),
    follows,
  };
}

function pinOf({ deployment, release }: { deployment: string; release: number }): string {
  return `refs/ploinky/${deploymentKey(deployment)}/${release}`;
}

/** Pins a commit while it is read, which takes as long; one that cannot be used keeps no pin. */
async function pinnedWhile<T>(mirror: Mirror, ref: string, commit: string, read: () => Promise<T>): Promise<T> {
  const pinned = pin(mirror, ref, commit);
  try {
    const [found] = await Promise.all([read(), pinned]);
    return found;
  } catch (error) {
    await pinned.then(() => unpin(mirror, ref)).catch(() => {});
    throw error;
  }
}

async function holds(mirror: Mirror, commit: string): Promise<boolean> {
  return (await commitsByPrefix(mirror, commit)).includes(commit);
}

function ignoreNotFound(error: unknown): void {
  if (!isPloinkyError(error, 'GIT_REF_NOT_FOUND')) throw error;
}

function forUsers(error: unknown, { signal, label }: Remote): unknown {
  if (isPloinkyError(error)) return error;
  if (signal.aborted) return stopped(signal, label);
  if (!(error instanceof LocalGitError) && !(error instanceof MirrorDamaged)) return error;
  const said = error instanceof LocalGitError ? lastWords(error.stderr) : error.message;
  return new PloinkyError(
    'GIT_FAILED',
    `The mirror of the repository ${label} cannot be used: ${said || 'Git failed'}.`,
    {
      cause: error,
    },
  );
}
