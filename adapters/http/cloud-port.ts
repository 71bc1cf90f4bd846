import type { DataOf, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Priority } from '../../core/events/task-events.ts';
import type { ForkMark } from '../../core/log/fork-mark.ts';
import type { Head, ReadOptions, Subscription } from '../../core/log/log-port.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Command } from '../../decisions/commands.ts';
import type { Past } from '../../history/past.ts';
import type { Release } from '../../projections/releases.ts';
import type { Repository } from '../../projections/repositories.ts';
import type { Views } from '../../projections/views.ts';
import type { Archive } from '../archive/archive.ts';
import type { LogLine, LogPlaces, LogQuery, quiet } from '../container-logs/read-deployment.ts';
import type { ProgressLine } from '../pipeline/release-progress.ts';
import type { RunningReport } from '../pipeline/running-report.ts';
import type { PruneReport } from '../prune/prune.ts';
import type { RetentionReport, RetentionView } from '../retention/retention.ts';
import type { SampleRound } from '../samples/sample.ts';
import type { CurrentSample } from '../samples/sampler.ts';
import type { FoundTask } from '../tasks/found-task.ts';
import type { LastPoll, RemoteState } from '../watch/push-watch.ts';
import type { heartbeat } from './history/follow-history.ts';

type SetSecret = Extract<Command, { type: 'setSecret' }>;
type RemoveSecret = Extract<Command, { type: 'removeSecret' }>;

/** Who asks, and the thread that ties everything that follows to this request. */
export interface RequestContext {
  readonly actor: string;
  readonly trace: string;
  /** Id of the event that the request answers, where it is not from outside alone. */
  readonly cause?: string;
  /** At most 200 characters; the same key and command have their effect once. */
  readonly idempotencyKey?: string;
}

/** What the HTTP adapter needs of the cloud behind it. Errors are PloinkyErrors. */
export interface CloudPort {
  readonly version: string;
  /** ISO 8601, of this process. */
  readonly startedAt: string;
  /** `uninitialized` until `initialize`; `ready` once state is folded and open work was taken up again. */
  phase(): 'uninitialized' | 'starting' | 'ready' | 'stopping';

  /** Makes log, first key and defaults. @throws ALREADY_INITIALIZED */
  initialize(context: RequestContext): Promise<{ apiKey: string; keyId: string }>;
  /** Content of the file `init-token`, which the first call may have to show; null once initialised. */
  initToken(): string | null;

  /**
   * Folded from durable events, never behind an answered command. A view whose projection stopped throws when it is read.
   * @throws NOT_INITIALIZED, PROJECTION_STOPPED
   */
  views(): Views;
  settings(): Settings;
  /** Decides, stores and folds; resolves with the stored events (none when nothing had to change). */
  execute(command: Command, context: RequestContext): Promise<readonly PloinkyEvent[]>;

  /** Set when the log is a copy of another one: then everything that would act is refused with FORK_INERT. */
  fork(): ForkMark | null;

  /**
   * The value is durable before the event that names its version. It is in no event, log or error.
   * @returns that version
   * @throws PloinkyError SECRET_VALUE_INVALID, SECRET_NOT_FOUND, INVALID_NAME, SECRET_KEY_*
   */
  setSecret(command: SetSecret, value: unknown, context: RequestContext): Promise<number>;
  /** Destroys every version; answers which. @throws SECRET_NOT_FOUND, SECRET_IN_USE */
  removeSecret(command: RemoveSecret, context: RequestContext): Promise<readonly number[]>;

  /** Projections that met an event which they cannot take. Empty when all is well. */
  stopped(): readonly StoppedProjection[];

  /** What of the log lies in segment files, and what is due. */
  retention(): Promise<RetentionView>;
  /** Seals, deletes and collects what is due now. @throws FORK_INERT, LOG_DAMAGED, DISK_FULL */
  runRetention(dryRun: boolean, context: RequestContext): Promise<RetentionReport>;

  /** What lies about that no release needs. */
  showPrune(): Promise<PruneReport>;
  /** Removes it, with events before and after. @throws FORK_INERT, DISK_FULL */
  runPrune(context: RequestContext): Promise<PruneReport>;

  /** The log, looked back upon. @throws NOT_INITIALIZED */
  past(): Past;
  /** The log as a whole: checks and copies of it. @throws NOT_INITIALIZED */
  archive(): Archive;
  head(): Head;
  read(options?: ReadOptions): AsyncIterable<EventEnvelope>;
  subscribe(
    options: { readonly from?: number },
    listener: (events: readonly EventEnvelope[]) => void,
  ): Subscription & { readonly ready: Promise<void> };

  /** How the asking of a watched remote goes; null where nothing follows it now, or this server asks nobody. */
  /**
   * Whether a push could move what a deployment takes as its branch: deploy takes the name of a tag there too.
   * @throws PloinkyError WATCH_IMPOSSIBLE
   */
  checkBranch(deployment: string, signal: AbortSignal): Promise<void>;

  remoteState(repository: string): RemoteState | null;
  /** What a remote answered last to this run of the server, also where nothing follows it for now. */
  lastPoll(repository: string): LastPoll | null;

  /** Value of the secret with which the host of a repository proves who it is; null where it has no webhook. @throws SECRET_* */
  webhookSecret(repository: string): Promise<string | null>;
  /** Asks the remote at once. @returns false when the same was told before */
  receivePush(command: Extract<Command, { type: 'receivePush' }>, context: RequestContext): Promise<boolean>;

  /** Takes a commit into a dev repository. @throws DEV_INCOMPLETE, GIT_FAILED */
  receivePack(received: { name: string; commit: string; pack: Buffer }, signal: AbortSignal): Promise<void>;

  /** The engine a deploy would use now. @throws ENGINE_UNAVAILABLE, ENGINE_UNKNOWN */
  chooseEngine(): Promise<string>;
  /** Resolves when the release serves, failed or was retired. Rejects only when `signal` aborts. */
  releaseSettled(deployment: string, release: number, signal: AbortSignal): Promise<Release>;
  /** Resolves when the sync that was due at `wantedAt` has an outcome; undefined when it was removed. */
  repositorySettled(name: string, wantedAt: number, signal: AbortSignal): Promise<Repository | undefined>;
  /** Resolves when as many containers answer as should, and no others are left; also when one of them fails. */
  scaleSettled(deployment: string, signal: AbortSignal): Promise<void>;
  /** Bytes of volumes by `<engine>/<name>`, as far as their engines tell soon. */
  volumeSizes(): Promise<ReadonlyMap<string, number>>;
  /** Resolves when no volume of the deployment is on its way out any more. */
  volumesSettled(deployment: string, signal: AbortSignal): Promise<void>;
  /** Resolves when neither a container nor a network of the deployment is left. */
  undeploySettled(deployment: string, signal: AbortSignal): Promise<void>;

  /**
   * Durable `task.enqueued` → agent → durable outcome. Resolves for every outcome that has an event;
   * rejects before acceptance: DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE, OVERLOADED, DISK_FULL, …
   */
  callTask(call: TaskCall, context: RequestContext): Promise<TaskReply>;
  /**
   * Calls of one deployment: all are accepted, with one append, or none. Resolves once they are durable, in their order.
   * Rejects as `callTask` does before acceptance.
   */
  acceptTasks(calls: readonly TaskCall[], context: RequestContext): Promise<readonly AcceptedTask[]>;
  /** What the log has of a call; undefined when it has nothing. */
  findTask(taskId: string): Promise<FoundTask | undefined>;
  /** The outcome of a call that is under way; undefined when none of that id is. */
  taskUnderWay(taskId: string): Promise<TaskReply> | undefined;
  /**
   * Takes a call back: one that waits ends at once, and for one that runs the agent is asked to drop it.
   * @returns false when none of that id is under way
   */
  cancelTask(taskId: string, context: RequestContext): Promise<boolean>;

  /** Makes an event of a request that was passed on. @throws NOT_INITIALIZED, FORK_INERT, DISK_FULL, LOG_CLOSED */
  recordRequest(data: DataOf<'request.passed'>, context: RequestContext): Promise<void>;

  /** What the engine runs for a deployment, held against what the log says. @throws DEPLOYMENT_NOT_FOUND, ENGINE_* */
  runningRelease(deployment: string): Promise<RunningReport>;
  /** Last lines of what a release wrote, its install step where it has no container; default: the one that serves. */
  output(deployment: string, tailLines: number, release?: number): Promise<string>;
  /** What containers use: the newest sample of each that runs. */
  currentSamples(): readonly CurrentSample[];
  /** Samples between two moments (milliseconds since 1970), by slices of `stepMs`; empty slices are left out. */
  samples(since: number, until: number, stepMs: number, deployment?: string): Promise<readonly SampleRound[]>;
  /** What containers of a deployment wrote, also of those that are gone. Empty where nothing was kept. */
  containerLogs(
    deployment: string,
    query: Omit<LogQuery, 'folder'>,
    follow: AbortSignal | null,
  ): AsyncGenerator<LogLine | LogPlaces | typeof quiet>;
  /**
   * What the stages of a release that is being made say, from the beginning as far as it is remembered; ends when the
   * release is past them. Heartbeats where nothing is said for long. @throws RELEASE_NOT_FOUND
   */
  followProgress(
    deployment: string,
    release: number,
    signal: AbortSignal,
  ): AsyncIterable<ProgressLine | typeof heartbeat>;
  /** Last lines of what its install step wrote; empty where there was none. @throws RELEASE_NOT_FOUND */
  installOutput(deployment: string, release: number, tailLines: number): Promise<string>;
  /** Stops and removes every container of this cloud; its deployments stay in the log as removed. */
  destroyAll(
    context: RequestContext,
  ): Promise<{ removed: string[]; errors: { containerName: string; error: string }[] }>;
}

export interface StoppedProjection {
  readonly projection: string;
  /** Of the event that it did not take; it says nothing of what comes from there on. */
  readonly seq: number;
  readonly code: string;
  readonly message: string;
}

export interface TaskCall {
  readonly deployment: string;
  readonly command: string;
  readonly params: readonly unknown[];
  readonly runForUserId: string;
  /** From acceptance to the outcome. Already bounded by the setting maxTaskTimeout. */
  readonly timeoutMs: number;
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Whose turn comes first among calls that wait; default normal. */
  readonly priority?: Priority;
  /** URL that is told the outcome. */
  readonly callback?: string | null;
}

/** A call whose `task.enqueued` is durable. */
export interface AcceptedTask {
  readonly taskId: string;
  /** Need not be awaited; rejects only when the log does not take the outcome, for example because the server stops. */
  readonly outcome: Promise<TaskReply>;
}

export type TaskReply =
  | { readonly taskId: string; readonly success: true; readonly data: unknown }
  | {
      readonly taskId: string;
      readonly success: false;
      readonly error: {
        readonly code: string;
        readonly message: string;
        readonly hint: string | null;
        readonly details: unknown;
      };
    };
