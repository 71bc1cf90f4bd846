import type { DataOf, PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { ForkMark } from '../../core/log/fork-mark.ts';
import type { ReadOptions, Subscription } from '../../core/log/log-port.ts';
import { defaultSettings, type Settings } from '../../core/settings/settings.ts';
import type { Command } from '../../decisions/commands.ts';
import { newestVersion } from '../../decisions/release-secrets.ts';
import type { Past } from '../../history/past.ts';
import type { Release } from '../../projections/releases.ts';
import type { Repository } from '../../projections/repositories.ts';
import type { Views } from '../../projections/views.ts';
import { type Archive, createArchive } from '../archive/archive.ts';
import type { LogQuery } from '../container-logs/read-deployment.ts';
import type { AcceptedTask, RequestContext, StoppedProjection, TaskCall, TaskReply } from '../http/cloud-port.ts';
import { runningRelease } from '../pipeline/running-release.ts';
import type { RunningReport } from '../pipeline/running-report.ts';
import type { PruneReport } from '../prune/prune.ts';
import type { RetentionReport, RetentionView } from '../retention/retention.ts';
import type { SampleRound } from '../samples/sample.ts';
import type { CurrentSample } from '../samples/sampler.ts';
import { samplesBetween } from '../samples/samples-between.ts';
import type { Deliver } from '../tasks/deliver.ts';
import type { FoundTask } from '../tasks/found-task.ts';
import type { TaskRunner } from '../tasks/task-runner.ts';
import type { LastPoll, RemoteState } from '../watch/push-watch.ts';
import { checkBranch } from './check-branch.ts';
import type { CloudParts } from './cloud-parts.ts';
import { destroyAll } from './destroy-all.ts';
import { followProgress } from './follow-progress.ts';
import { forkRefusal } from './inert.ts';
import { installOutput, releaseOutput } from './release-output.ts';
import type { RunningCloud } from './running-cloud.ts';
import { releaseSettled, repositorySettled, scaleSettled, undeploySettled, volumesSettled } from './settled.ts';
import { volumeSizes } from './volume-sizes.ts';

/**
 * What a cloud is asked and told while it runs, whoever made or opened it. What needs it to run throws NOT_INITIALIZED before.
 */
export abstract class ServedCloud {
  abstract readonly version: string;

  /** @throws PloinkyError NOT_INITIALIZED */
  abstract running(): RunningCloud;

  protected abstract ifRunning(): RunningCloud | null;

  protected abstract readonly parts: CloudParts;

  views(): Views {
    return this.running().kernel.views;
  }

  settings(): Settings {
    return this.ifRunning()?.world.settings() ?? defaultSettings;
  }

  execute(command: Command, { actor, trace, cause, idempotencyKey }: RequestContext): Promise<readonly PloinkyEvent[]> {
    return this.running().execute(command, { actor, trace, cause: cause ?? null }, idempotencyKey);
  }

  fork(): ForkMark | null {
    return this.ifRunning()?.fork ?? null;
  }

  setSecret(
    command: Extract<Command, { type: 'setSecret' }>,
    value: unknown,
    { actor, trace, idempotencyKey }: RequestContext,
  ): Promise<number> {
    return this.running().secrets.set(command, value, { actor, trace, cause: null }, idempotencyKey);
  }

  removeSecret(
    command: Extract<Command, { type: 'removeSecret' }>,
    { actor, trace, idempotencyKey }: RequestContext,
  ): Promise<readonly number[]> {
    return this.running().secrets.remove(command, { actor, trace, cause: null }, idempotencyKey);
  }

  stopped(): readonly StoppedProjection[] {
    return [...(this.ifRunning()?.store.stopped.values() ?? [])].map(({ code, message, details }) => {
      const { projection, seq } = details as { projection: string; seq: number };
      return { projection, seq, code, message };
    });
  }

  past(): Past {
    return this.running().past;
  }

  retention(): Promise<RetentionView> {
    return this.running().retention.show();
  }

  async runRetention(dryRun: boolean, { actor }: RequestContext): Promise<RetentionReport> {
    const { fork, retention } = this.running();
    if (fork && !dryRun) throw forkRefusal(fork);
    return retention.run({ dryRun, actor });
  }

  showPrune(): Promise<PruneReport> {
    const { prune, stopping } = this.running();
    return prune.show(stopping);
  }

  async runPrune({ actor }: RequestContext): Promise<PruneReport> {
    const { fork, prune, stopping } = this.running();
    if (fork) throw forkRefusal(fork);
    return prune.run('asked', actor, stopping);
  }

  archive(): Archive {
    const { blobs, clock, paths } = this.parts;
    const { version } = this;
    const { log, retention } = this.running();
    const now = () => clock.monotonic();
    return createArchive({ log, blobs, folder: paths.data, version, now, hold: () => retention.hold() });
  }

  head() {
    return this.running().log.head();
  }

  read(options?: ReadOptions): AsyncIterable<EventEnvelope> {
    return this.running().log.read(options);
  }

  subscribe(
    options: { readonly from?: number },
    listener: (events: readonly EventEnvelope[]) => void,
  ): Subscription & { readonly ready: Promise<void> } {
    return this.running().log.subscribe(options, listener);
  }

  checkBranch(deployment: string, signal: AbortSignal): Promise<void> {
    return checkBranch(this.running().world, deployment, signal);
  }

  remoteState(repository: string): RemoteState | null {
    return this.running().pushes.stateOf(repository);
  }

  lastPoll(repository: string): LastPoll | null {
    return this.running().pushes.lastPoll(repository);
  }

  async webhookSecret(name: string): Promise<string | null> {
    const { kernel, world } = this.running();
    const secret = kernel.views.repositories.get(name)?.webhook ?? null;
    const version = secret === null ? undefined : newestVersion(kernel.views, secret);
    return secret === null || version === undefined ? null : world.secrets.get(secret, version);
  }

  async receivePush(command: Extract<Command, { type: 'receivePush' }>, context: RequestContext): Promise<boolean> {
    const [event] = await this.execute(command, context);
    if (event) this.running().pushes.poke(command.name, { cause: event.id, trace: event.trace });
    return event !== undefined;
  }

  receivePack(received: { name: string; commit: string; pack: Buffer }, signal: AbortSignal): Promise<void> {
    return this.running().world.git.receivePack(received, signal);
  }

  async chooseEngine(): Promise<string> {
    return this.running().chooseEngine();
  }

  releaseSettled(deployment: string, release: number, signal: AbortSignal): Promise<Release> {
    return this.#seenByAll(releaseSettled(this.running(), deployment, release, signal));
  }

  repositorySettled(name: string, wantedAt: number, signal: AbortSignal): Promise<Repository | undefined> {
    return this.#seenByAll(repositorySettled(this.running(), name, wantedAt, signal));
  }

  scaleSettled(deployment: string, signal: AbortSignal): Promise<void> {
    return scaleSettled(this.running(), deployment, signal);
  }

  undeploySettled(deployment: string, signal: AbortSignal): Promise<void> {
    return this.#seenByAll(undeploySettled(this.running(), deployment, signal));
  }

  volumeSizes(): Promise<ReadonlyMap<string, number>> {
    return volumeSizes(this.running().world);
  }

  volumesSettled(deployment: string, signal: AbortSignal): Promise<void> {
    return this.#seenByAll(volumesSettled(this.running(), deployment, signal));
  }

  /** @param deliver who talks to the agent, instead of this process */
  callTask(call: TaskCall, context: RequestContext, deliver?: Deliver): Promise<TaskReply> {
    try {
      return this.#tasks().call(call, originOf(context), { idempotencyKey: context.idempotencyKey, deliver });
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** @param deliver who talks to the agents, instead of this process */
  async acceptTasks(
    calls: readonly TaskCall[],
    context: RequestContext,
    deliver?: Deliver,
  ): Promise<readonly AcceptedTask[]> {
    return this.#tasks().acceptAll(calls, originOf(context), { ...context, deliver });
  }

  /** Does not wait for decisions under way: nothing is decided on these. */
  async recordRequest(data: DataOf<'request.passed'>, context: RequestContext): Promise<void> {
    const draft: PloinkyDraft = { type: 'request.passed', stream: `request:${data.deployment}`, data };
    await this.running().kernel.append([draft], originOf(context));
  }

  findTask(taskId: string): Promise<FoundTask | undefined> {
    return this.running().ledger.find(taskId);
  }

  taskUnderWay(taskId: string): Promise<TaskReply> | undefined {
    return this.running().tasks.underWay(taskId);
  }

  async cancelTask(taskId: string, { actor }: RequestContext): Promise<boolean> {
    return this.#tasks().cancel(taskId, actor);
  }

  runningRelease(deployment: string): Promise<RunningReport> {
    return runningRelease(this.running().world, deployment);
  }

  output(deployment: string, tailLines: number, release?: number): Promise<string> {
    return releaseOutput(this.running().world, deployment, tailLines, release);
  }

  currentSamples(): readonly CurrentSample[] {
    return this.ifRunning()?.sampler.current() ?? [];
  }

  samples(since: number, until: number, stepMs: number, deployment?: string): Promise<readonly SampleRound[]> {
    return samplesBetween(this.running().samples, { since, until, stepMs, deployment });
  }

  containerLogs(deployment: string, query: Omit<LogQuery, 'folder'>, follow: AbortSignal | null) {
    return this.running().containerLogs.read(deployment, query, follow);
  }

  followProgress(deployment: string, release: number, signal: AbortSignal) {
    return followProgress(this.running(), deployment, release, signal);
  }

  installOutput(deployment: string, release: number, tailLines: number): Promise<string> {
    return installOutput(this.running().world, deployment, release, tailLines);
  }

  destroyAll(context: RequestContext) {
    return this.#seenByAll(destroyAll(this.running(), context));
  }

  /** What somebody waited for is then seen by whichever process is asked next. */
  async #seenByAll<T>(waited: Promise<T>): Promise<T> {
    const found = await waited;
    await this.parts.followers?.caughtUp();
    return found;
  }

  /** @throws PloinkyError FORK_INERT */
  #tasks(): TaskRunner {
    const { fork, tasks } = this.running();
    if (fork) throw forkRefusal(fork);
    return tasks;
  }
}

function originOf({ actor, trace }: RequestContext): Origin {
  return { actor, trace, cause: null };
}
