import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import { Kernel } from '../../core/kernel/kernel.ts';
import { Reactor } from '../../core/kernel/reactor.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { Store } from '../../core/kernel/store.ts';
import type { ForkMark } from '../../core/log/fork-mark.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import { currentSettings } from '../../core/settings/current-settings.ts';
import type { Command } from '../../decisions/commands.ts';
import type { PloinkyEffect } from '../../decisions/effects.ts';
import { reconcile } from '../../decisions/reconcile.ts';
import { Past } from '../../history/past.ts';
import { projections } from '../../projections/registry.ts';
import type { Views } from '../../projections/views.ts';
import { ContainerLogs } from '../container-logs/container-logs.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import { CrashLoopLog } from '../pipeline/crash-loop-log.ts';
import { createEffectRunner } from '../pipeline/effect-runner.ts';
import { HealthMonitor } from '../pipeline/health-monitor.ts';
import { Observer } from '../pipeline/observer.ts';
import { ReleaseProgress } from '../pipeline/release-progress.ts';
import type { World } from '../pipeline/world.ts';
import { Prune } from '../prune/prune.ts';
import { PruneJob } from '../prune/prune-job.ts';
import { Removals } from '../prune/removals.ts';
import { Retention } from '../retention/retention.ts';
import { RetentionJob } from '../retention/retention-job.ts';
import { SampleFiles } from '../samples/sample-files.ts';
import { Sampler } from '../samples/sampler.ts';
import { SecretKeeper } from '../secrets/secret-keeper.ts';
import type { SnapshotWriter } from '../snapshots/snapshot-writer.ts';
import { resumeOpenTasks } from '../tasks/resume-open-tasks.ts';
import { StrayTasks } from '../tasks/stray-tasks.ts';
import { TaskLedger } from '../tasks/task-ledger.ts';
import { TaskRunner } from '../tasks/task-runner.ts';
import { taskStoreIn } from '../tasks/task-store-in.ts';
import { PushWatch } from '../watch/push-watch.ts';
import type { CloudParts, Followers } from './cloud-parts.ts';
import { actedOn, decidedEvents } from './decided-events.ts';
import { foldAtStart } from './fold-at-start.ts';
import { inertLog, inertParts } from './inert.ts';
import { wellAgain } from './well-again.ts';

/** How long a start waits for containers to be healthy again before requests are let in all the same. */
const settleWithinMs = 1_500;

/** A cloud with an open log: the three loops at work. */
export class RunningCloud {
  readonly log: LevelLog;
  readonly kernel: Kernel<Views>;
  readonly world: World;
  readonly tasks: TaskRunner;
  readonly ledger: TaskLedger;
  readonly past: Past;
  /** Set when the log is a copy of another one: nothing is looked at, begun or called then. */
  readonly fork: ForkMark | null;
  readonly secrets: SecretKeeper;
  readonly retention: Retention;
  readonly store: Store<Views>;
  readonly pushes: PushWatch;
  readonly containerLogs: ContainerLogs;
  readonly samples: SampleFiles;
  readonly sampler: Sampler;
  readonly prune: Prune;
  readonly #retentionJob: RetentionJob;
  readonly #strays: StrayTasks;
  readonly #pruneJob: PruneJob;
  readonly #writer: SnapshotWriter;
  readonly #observer: Observer;
  readonly #health: HealthMonitor;
  readonly #crashLoops: CrashLoopLog;
  readonly #reactor: Reactor<PloinkyEffect>;

  private constructor(
    log: LevelLog,
    past: Past,
    store: Store<Views>,
    kernel: Kernel<Views>,
    writer: SnapshotWriter,
    parts: CloudParts,
    wakeOn: WakeUp,
  ) {
    this.log = log;
    this.fork = log.format.fork;
    this.store = store;
    this.kernel = kernel;
    this.#writer = writer;
    // As far as it was folded: who the cloud is, and its settings, are needed to serve anything.
    const cloud = store.views.cloud.get('cloud');
    if (!cloud) throw new PloinkyError('LOG_DAMAGED', 'The log does not begin with cloud.initialized.');
    const record: World['record'] = (outcome, origin, options) => kernel.record(outcome, origin, options);
    const settings = currentSettings(store.views);
    this.world = {
      ...parts,
      cloudId: cloud.cloudId,
      views: kernel.views,
      settings,
      record,
      progress: new ReleaseProgress(),
      removals: new Removals(),
      turns: new OneAtATime(),
      engines: parts.engines(cloud.cloudId, record, kernel.views),
      secrets: parts.secrets(cloud.cloudId),
      containerLogs: {
        caughtUp: (container, signal) => this.containerLogs.caughtUp(container, signal),
        lastLines: (container, most) => this.containerLogs.lastLines(container, most),
      },
      look: (engine) => this.#observer.look(engine),
      findTask: (taskId) => this.ledger.find(taskId),
    };
    // It is closed where one of its views stopped, and must not stand in the way of a start.
    this.#observer = new Observer({ ...this.world, views: store.views }, this.world);
    this.containerLogs = new ContainerLogs({ ...this.world, views: store.views });
    this.samples = new SampleFiles(join(parts.paths.logs, 'samples'));
    const monotonic = () => parts.clock.monotonic();
    this.sampler = new Sampler({ ...this.world, views: store.views, monotonic }, this.samples);
    // It looks at engines by itself now and then.
    if (this.#inert) void this.#observer.close();
    this.#crashLoops = new CrashLoopLog({ views: store.views, logger: parts.logger });
    this.#health = new HealthMonitor({ ...this.world, views: store.views });
    this.#reactor = new Reactor({
      reconcile: () => (this.#inert ? [] : reconcile(kernel.views)),
      runner: createEffectRunner(this.world),
      now: () => parts.clock.now(),
      monotonic: () => parts.clock.monotonic(),
      onError: ({ kind, id }, error) => parts.logger.warn({ effect: kind, id, err: error }, 'an effect failed'),
    });
    this.secrets = new SecretKeeper(this.world, (command, origin, key) => this.execute(command, origin, key));
    this.past = past;
    const retentionRecord = (draft: PloinkyDraft, origin: Origin) => kernel.record([draft], origin);
    this.retention = new Retention({ ...parts, log, views: kernel.views, settings, record: retentionRecord });
    this.#retentionJob = new RetentionJob(this.retention, parts.logger);
    this.prune = new Prune(this.world, () => parts.newId());
    this.#pruneJob = new PruneJob(this.prune, settings, parts.logger);
    this.pushes = new PushWatch({
      ...parts,
      views: kernel.views,
      settings,
      chooseEngine: () => this.chooseEngine(),
      execute: (command, origin) => this.execute(command, origin),
      chance: () => Math.random(),
    });
    this.ledger = new TaskLedger(log, parts.blobs);
    const newTaskId = () => parts.newId();
    this.#strays = new StrayTasks(() => resumeOpenTasks(this.world, this.tasks), parts.logger);
    this.tasks = new TaskRunner(this.world, taskStoreIn(kernel, this.ledger, this.#strays), newTaskId);
    parts.requests.follow({ of: (container) => this.tasks.underWayIn(container) });
    const reported = new Set<string>();
    const reportStopped = () => {
      for (const [name, problem] of store.stopped) {
        if (reported.has(name)) continue;
        reported.add(name);
        parts.logger.error({ err: problem, ...(problem.details as object) }, 'a projection stopped');
      }
      if (!this.#inert) return;
      void this.#observer.close();
      void this.#health.close();
      void this.pushes.stop();
    };
    reportStopped();
    wakeOn.wake = (events) => {
      parts.requests.changed();
      if (store.stopped.size > reported.size) reportStopped();
      let containers = false;
      this.#strays.committed();
      for (const event of events) {
        if (event.type === 'task.callbackDue' && !this.#inert) this.#reactor.wake();
        if (event.type.startsWith('task.')) continue;
        if (event.type === 'setting.changed') parts.onSettings(settings());
        if (this.#inert) continue;
        if (event.type === 'secret.removed') void this.secrets.removed(event.data.name);
        if (event.type.startsWith('container.')) containers = true;
        if (event.type === 'container.startRequested') this.#observer.attend(event.data.engine);
        if (event.type.startsWith('container.')) this.containerLogs.wake();
        this.#reactor.wake();
        this.pushes.wake();
      }
      if (containers) this.#followContainers();
      if (events.some(({ type }) => !type.startsWith('task.'))) this.tasks.wake();
    };
    parts.onSettings(settings());
  }

  /** Folds the log, then takes up again whatever the former run left unfinished. */
  static async start(
    log: LevelLog,
    given: CloudParts,
    first?: { command: Command; origin: Origin },
  ): Promise<RunningCloud> {
    const { fork } = log.format;
    const parts = fork ? inertParts(given, fork) : given;
    const store = new Store<Views>(projections);
    const past = new Past({ log, blobs: parts.blobs, now: parts.now, snapshots: parts.snapshots });
    const writer = await foldAtStart(past, store, parts);
    const wakeOn: WakeUp = { wake: () => {} };
    const kernel = await Kernel.start({
      ...parts,
      log: fork ? inertLog(log, fork) : log,
      store,
      ...(parts.followers ? { followed: () => (parts.followers as Followers).caughtUp() } : {}),
      onCommitted: (events) => {
        parts.followers?.publish(events);
        writer.note();
        wakeOn.wake(events as readonly PloinkyEvent[]);
      },
    });
    const [broken] = store.stopped.values();
    // An event that nobody can take: nothing could be served.
    if (broken && store.stopped.size === Object.keys(projections).length) throw broken;
    if (first) await kernel.execute((views) => decidedEvents(views, first.command), first.origin);
    const cloud = new RunningCloud(log, past, store, kernel, writer, parts, wakeOn);
    await cloud.#resume();
    return cloud;
  }

  /** Nothing is begun, looked at or resumed: for a fork, or where what it would be decided on is behind the log. */
  get #inert(): boolean {
    return this.fork !== null || actedOn.some((name) => this.store.stopped.has(name));
  }

  /** @throws PloinkyError with the code of the refusal */
  async execute(command: Command, origin: Origin, idempotencyKey?: string): Promise<readonly PloinkyEvent[]> {
    const options = idempotencyKey === undefined ? {} : { idempotencyKey };
    return this.kernel.execute((views) => decidedEvents(views, command), origin, options);
  }

  /** The engine that a release asked for now would run on. @throws PloinkyError ENGINE_UNAVAILABLE, ENGINE_UNKNOWN */
  async chooseEngine(): Promise<string> {
    return (await this.world.engines.choose(this.world.settings().engine)).name;
  }

  /** Aborts when the server stops. */
  get stopping(): AbortSignal {
    return this.#pruneJob.signal;
  }

  /** Containers keep running; effects under way are aborted and taken up again by the next start. */
  async stop(): Promise<void> {
    await this.pushes.stop();
    this.#strays.close();
    await Promise.all([this.#retentionJob.stop(), this.#pruneJob.stop()]);
    await this.#reactor.stop();
    await this.#observer.close();
    await this.containerLogs.close();
    await this.#health.close();
    await this.sampler.close();
    await this.kernel.close();
    this.tasks.close();
    await this.world.engines.close();
    await Promise.all([this.world.transports.http.close(), this.world.transports.queue.close()]);
    await this.#writer.close();
    await this.log.close();
  }

  async #resume(): Promise<void> {
    if (this.fork) {
      this.world.logger.warn({ fork: this.fork }, 'this log is a fork: nothing is started, fetched or called');
      return;
    }
    if (this.#inert) {
      const stopped = [...this.store.stopped.keys()];
      this.world.logger.error({ stopped }, 'what runs is left as it is: nothing is started, stopped or fetched');
      return;
    }
    await this.secrets.resume();
    this.#retentionJob.start();
    this.#pruneJob.start();
    this.pushes.start();
    this.containerLogs.wake();
    void this.containerLogs.tidy();
    this.sampler.start();
    await Promise.race([this.#observer.lookAtAll(), delay(settleWithinMs)]);
    this.#followContainers();
    this.#reactor.wake();
    void resumeOpenTasks(this.world, this.tasks).catch((error: unknown) => {
      this.world.logger.error({ err: error }, 'open tasks could not be resumed');
    });
    await Promise.race([wellAgain(this.log, this.world.views), delay(settleWithinMs)]);
  }

  #followContainers(): void {
    this.#health.follow();
    this.#crashLoops.follow();
  }
}

interface WakeUp {
  wake: (events: readonly PloinkyEvent[]) => void;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
