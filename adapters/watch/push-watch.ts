import type { Clock } from '../../core/clock/clock.ts';
import { withDeadline } from '../../core/clock/deadline.ts';
import { PloinkyError, type ProblemShape, problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Command } from '../../decisions/commands.ts';
import { pollDelayMs } from '../../decisions/poll-delay.ts';
import { redeployOnPush } from '../../decisions/redeploy-on-push.ts';
import { type Follower, type WatchedRemote, watchedRemotes } from '../../decisions/watched-remotes.ts';
import type { Views } from '../../projections/views.ts';
import type { GitPort } from '../git/git-port.ts';
import type { RemoteHeads } from '../git/git-types.ts';
import type { Logger } from '../pipeline/world.ts';

export interface PushWatchParts {
  readonly views: Views;
  readonly settings: () => Settings;
  readonly git: Pick<GitPort, 'heads'>;
  readonly clock: Clock;
  readonly newId: () => string;
  /** At random, 0 to 1. */
  readonly chance: () => number;
  readonly chooseEngine: () => Promise<string>;
  readonly execute: (command: Command, origin: Origin) => Promise<readonly PloinkyEvent[]>;
  readonly logger: Logger;
}

/** How the asking of one remote goes. Known to this run of the server only: polls that find nothing leave no event. */
export interface RemoteState {
  /** ISO 8601; null = not yet. */
  readonly askedAt: string | null;
  /** 0 while it is being asked. */
  readonly nextInMs: number;
  /** Polls in a row that found nothing or failed. */
  readonly quiet: number;
  /** Of the last poll. */
  readonly problem: ProblemShape | null;
}

/** What a remote answered last. Kept while nothing follows it, as after a rollback; a new run of the server begins without it. */
export interface LastPoll {
  /** ISO 8601. */
  readonly askedAt: string;
  /** Null where it has not answered yet. */
  readonly heads: RemoteHeads | null;
}

/** Who says that there is something to find, so that the remote is asked at once. */
export interface Hint {
  /** Event that the release is a consequence of. */
  readonly cause: string;
  readonly trace: string;
}

interface Remote {
  key: string;
  quiet: number;
  /** By the clock that never jumps. */
  due: number;
  polling: boolean;
  hint: Hint | null;
  askedAt: string | null;
  problem: ProblemShape | null;
}

/** Remotes that are asked at one time. */
const mostAtOnce = 4;
/** Git ends by itself before this; it is for a Git that does not. */
const graceMs = 5_000;
const longestSleepMs = 2 ** 31 - 1;

/**
 * Asks each watched remote where its branches are, now and then, and has what follows a branch redeployed. One poll serves all
 * deployments of a repository. Whatever wakes it, a timer or a webhook, what counts is the remote's answer and the log: so
 * nothing is lost with a crash, and no push is taken twice.
 */
export class PushWatch {
  readonly #parts: PushWatchParts;
  readonly #remotes = new Map<string, Remote>();
  readonly #lastPolls = new Map<string, LastPoll & { readonly url: string }>();
  readonly #abort = new AbortController();
  readonly #polls = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #started = false;
  #scheduled = false;

  constructor(parts: PushWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#started = true;
    this.wake();
  }

  /** The state may have changed. Many calls in one turn of the event loop look once. */
  wake(): void {
    if (!this.#started || this.#scheduled || this.#abort.signal.aborted) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#abort.signal.aborted) this.#look();
    });
  }

  /** Asks a remote at once and begins its pauses anew. Nothing where nobody follows it. */
  poke(repository: string, hint: Hint): void {
    const remote = this.#remotes.get(repository);
    if (!remote) return;
    Object.assign(remote, { hint, quiet: 0, due: this.#parts.clock.monotonic() });
    this.wake();
  }

  /** Null where nothing follows the repository now. */
  stateOf(repository: string): RemoteState | null {
    const remote = this.#remotes.get(repository);
    if (!remote) return null;
    const { askedAt, quiet, problem, polling, due } = remote;
    const nextInMs = polling ? 0 : Math.max(0, Math.round(due - this.#parts.clock.monotonic()));
    return { askedAt, nextInMs, quiet, problem };
  }

  /** Also where nothing follows the repository for now; null where it was not asked since the server started. */
  lastPoll(repository: string): LastPoll | null {
    const last = this.#lastPolls.get(repository);
    return last && last.url === this.#parts.views.repositories.get(repository)?.url ? last : null;
  }

  /** Ends polls under way and waits for their end. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#abort.abort(new Error('the server is stopping'));
    await Promise.all(this.#polls);
  }

  #look(): void {
    const { views, clock } = this.#parts;
    const now = clock.monotonic();
    const watched = watchedRemotes(views);
    for (const name of this.#remotes.keys()) if (!watched.has(name)) this.#remotes.delete(name);
    for (const name of this.#lastPolls.keys()) if (!views.repositories.has(name)) this.#lastPolls.delete(name);
    for (const [name, { key }] of watched) {
      const known = this.#remotes.get(name);
      if (!known) this.#remotes.set(name, { ...fresh, key, due: now, askedAt: this.lastPoll(name)?.askedAt ?? null });
      else if (known.key !== key) Object.assign(known, { key, quiet: 0, due: now });
    }
    const waiting = [...this.#remotes].filter(([, { polling }]) => !polling).sort(([, a], [, b]) => a.due - b.due);
    for (const [name, remote] of waiting) {
      if (remote.due > now || this.#polls.size >= mostAtOnce) break;
      this.#begin(watched.get(name) as WatchedRemote, remote);
    }
    clearTimeout(this.#timer);
    const next = waiting.find(([, { polling }]) => !polling)?.[1].due;
    // With as many polls as may be, the end of one of them looks again.
    if (next === undefined || this.#polls.size >= mostAtOnce) return;
    this.#timer = setTimeout(() => this.wake(), Math.min(Math.max(0, next - now), longestSleepMs)).unref();
  }

  #begin(watched: WatchedRemote, remote: Remote): void {
    remote.polling = true;
    const poll = this.#poll(watched, remote).finally(() => {
      remote.polling = false;
      this.#polls.delete(poll);
      this.wake();
    });
    this.#polls.add(poll);
  }

  async #poll(watched: WatchedRemote, remote: Remote): Promise<void> {
    const { settings, clock, chance, logger } = this.#parts;
    const { hint, key } = remote;
    remote.hint = null;
    let found = 0;
    let heads = this.lastPoll(watched.repository.name)?.heads ?? null;
    try {
      heads = await this.#ask(watched);
      const problems: unknown[] = [];
      for (const follower of watched.followers) {
        try {
          if (await this.#follow(watched, follower, heads, hint)) found += 1;
        } catch (error) {
          // What stands in the way of one does not concern the others.
          problems.push(error);
        }
      }
      if (problems.length > 0) throw problems[0];
      remote.problem = null;
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      const problem = problemOf(error);
      // The same trouble is told once, not every few minutes.
      const level = remote.problem?.message === problem.message ? 'debug' : 'warn';
      logger[level]({ repository: watched.repository.name, code: problem.code }, problem.message);
      remote.problem = problem;
    }
    const { name, url } = watched.repository;
    remote.askedAt = new Date(clock.now()).toISOString();
    this.#lastPolls.set(name, { askedAt: remote.askedAt, heads, url });
    // Told of something meanwhile, or followed otherwise than when it was asked: its answer may be of before that.
    if (remote.hint || remote.key !== key) return;
    const quiet = found > 0 ? 0 : remote.quiet;
    const pace = { minMs: settings()['git.pollMinMs'], maxMs: settings()['git.pollMaxMs'] };
    remote.due = clock.monotonic() + pollDelayMs(quiet, pace, chance());
    remote.quiet = found > 0 ? 0 : quiet + 1;
  }

  #ask({ repository }: WatchedRemote): Promise<RemoteHeads> {
    const { git, settings } = this.#parts;
    return withDeadline(this.#abort.signal, settings()['git.timeoutMs'] + graceMs, (signal) => {
      return git.heads(repository, signal);
    });
  }

  /** True where that began a release. */
  async #follow(
    { repository }: WatchedRemote,
    { deployment, branch: wanted }: Follower,
    { branches, defaultBranch }: RemoteHeads,
    hint: Hint | null,
  ): Promise<boolean> {
    const { views, chooseEngine, execute, newId, logger } = this.#parts;
    const branch = wanted ?? defaultBranch;
    const commit = branch === null ? undefined : branches.get(branch);
    if (branch === null || commit === undefined) {
      const what = branch === null ? 'has no branch' : `has no branch ${branch}, which ${deployment.id} follows`;
      throw new PloinkyError('GIT_REF_NOT_FOUND', `The repository ${repository.name} ${what}.`);
    }
    const { domain, path, latest } = deployment;
    const push = { repository: repository.name, branch, commit, seenBy: hint ? 'webhook' : 'poll' } as const;
    const command = { type: 'redeployOnPush', domain, path, push, latest, engine: '' } as const;
    const foreseen = redeployOnPush(views, command);
    if (foreseen.kind !== 'accepted' || foreseen.events.length === 0) return false;
    const origin = {
      actor: 'system:watch',
      cause: hint?.cause ?? deployment.watch,
      trace: hint?.trace ?? newId(),
    };
    const events = await execute({ ...command, engine: await chooseEngine() }, origin);
    if (events.length > 0) logger.info({ deployment: deployment.id, ...push }, 'a push is deployed');
    return events.length > 0;
  }
}

const fresh: Omit<Remote, 'key' | 'due'> = { quiet: 0, polling: false, hint: null, askedAt: null, problem: null };
