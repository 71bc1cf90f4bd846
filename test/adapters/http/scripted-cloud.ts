import { createHash } from 'node:crypto';
import type { Archive } from '../../../adapters/archive/archive.ts';
import type { LogLine } from '../../../adapters/container-logs/read-deployment.ts';
import { newApiKey } from '../../../adapters/http/auth/credentials.ts';
import type {
  AcceptedTask,
  CloudPort,
  RequestContext,
  TaskCall,
  TaskReply,
} from '../../../adapters/http/cloud-port.ts';
import type { RunningReport } from '../../../adapters/pipeline/running-report.ts';
import type { SampleRound } from '../../../adapters/samples/sample.ts';
import type { CurrentSample } from '../../../adapters/samples/sampler.ts';
import { checkSecretValue } from '../../../adapters/secrets/secret-value.ts';
import type { FoundTask } from '../../../adapters/tasks/found-task.ts';
import { errorFromProblem, PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { defaultHealth } from '../../../core/events/resolved-manifest.ts';
import { stamp } from '../../../core/kernel/stamp.ts';
import { Store } from '../../../core/kernel/store.ts';
import { createMemoryBlobStore } from '../../../core/log/file-blobs.ts';
import type { ReadOptions } from '../../../core/log/log-port.ts';
import { containerName } from '../../../core/names/names.ts';
import { effectiveSettings } from '../../../core/settings/settings.ts';
import type { Command } from '../../../decisions/commands.ts';
import { decide } from '../../../decisions/decide.ts';
import { Past } from '../../../history/past.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';

type Listener = (events: readonly EventEnvelope[]) => void;

/**
 * A cloud without a world: real deciders and projections over events in an array, and scripted answers for what
 * engines, Git and agents would do.
 */
export class ScriptedCloud implements CloudPort {
  readonly version = '0.0.0-test';
  readonly startedAt: string;
  readonly events: EventEnvelope[] = [];
  readonly calls: { call: TaskCall; context: RequestContext }[] = [];
  readonly commands: { command: Command; context: RequestContext }[] = [];
  store = new Store<Views>(projections);
  token: string | null = 'a-token-from-the-file';
  stopping = false;
  time: number;
  /** Replaced by tests. */
  onCall: (call: TaskCall) => Promise<TaskReply> | TaskReply = (call) => {
    return { taskId: 'task-1', success: true, data: { command: call.command, params: call.params } };
  };
  /** What comes of a call that is not waited for; by default the same as of one that is. */
  onAccept: (call: TaskCall) => Promise<TaskReply> = async (call) => this.onCall(call);
  onCancel: (taskId: string, context: RequestContext) => boolean = () => false;
  readonly underWay = new Map<string, Promise<TaskReply>>();
  readonly tasks = new Map<string, FoundTask>([
    ['running', foundTask('running')],
    ['done', foundTask('done', { taskId: 'done', success: true, data: 'yes' })],
  ]);
  onExecute: (command: Command) => Promise<void> | void = () => {};
  /** What the pipeline makes of a release: events, given the deployment and its number. */
  /** Nothing more can be stored of requests. */
  fullDisk = false;
  onDeploy: (deployment: string, n: number) => readonly PloinkyDraft[] = serves;
  onSync: (name: string) => readonly PloinkyDraft[] = synced;
  /** Set by tests that want one. */
  archived: Archive | null = null;
  onRead: () => void = () => {};
  readonly #listeners = new Set<Listener>();
  #ids = 0;

  constructor(now = Date.parse('2026-03-01T12:00:00Z')) {
    this.time = now;
    this.startedAt = new Date(now - 3_600_000).toISOString();
  }

  current: readonly CurrentSample[] = [];
  rounds: readonly SampleRound[] = [];

  currentSamples() {
    return this.current;
  }

  async samples() {
    return this.rounds;
  }

  /** What was kept of containers, whatever is asked for. */
  containerLines: readonly LogLine[] = [];

  async *containerLogs(): AsyncGenerator<LogLine> {
    yield* this.containerLines;
  }

  retention(): ReturnType<CloudPort['retention']> {
    throw new Error('this test has no retention');
  }

  runRetention(): ReturnType<CloudPort['runRetention']> {
    throw new Error('this test has no retention');
  }

  /** By repository. */
  readonly webhookSecrets = new Map<string, string>();

  async webhookSecret(repository: string): Promise<string | null> {
    return this.webhookSecrets.get(repository) ?? null;
  }

  async receivePush(command: Extract<Command, { type: 'receivePush' }>, context: RequestContext): Promise<boolean> {
    return (await this.execute(command, context)).length > 0;
  }

  async receivePack(): Promise<void> {}

  /** Set by tests that want one. */
  async checkBranch(): Promise<void> {}

  asked: ReturnType<CloudPort['remoteState']> = null;

  remoteState(): ReturnType<CloudPort['remoteState']> {
    return this.asked;
  }

  answered: ReturnType<CloudPort['lastPoll']> = null;

  lastPoll(): ReturnType<CloudPort['lastPoll']> {
    return this.answered;
  }

  showPrune(): ReturnType<CloudPort['showPrune']> {
    throw new Error('this test has nothing to prune');
  }

  runPrune(): ReturnType<CloudPort['runPrune']> {
    throw new Error('this test has nothing to prune');
  }

  phase(): 'uninitialized' | 'ready' | 'stopping' {
    if (this.stopping) return 'stopping';
    return this.store.views.cloud.has('cloud') ? 'ready' : 'uninitialized';
  }

  async initialize(context: RequestContext): Promise<{ apiKey: string; keyId: string }> {
    const { apiKey, keyId, keyHash } = newApiKey();
    const command: Command = {
      type: 'initializeCloud',
      cloudId: 'cloud1',
      version: this.version,
      keyId,
      keyHash,
      bundledUrl: 'bundled:PloinkyDemo',
    };
    this.append(this.#decided(command), context);
    this.token = null;
    return { apiKey, keyId };
  }

  initToken(): string | null {
    return this.token;
  }

  views(): Views {
    if (this.phase() === 'uninitialized') throw new PloinkyError('NOT_INITIALIZED', 'This cloud is not initialised.');
    return this.store.views;
  }

  settings() {
    return effectiveSettings(this.store.views.cloud.get('cloud')?.settings ?? {});
  }

  async execute(command: Command, context: RequestContext): Promise<readonly PloinkyEvent[]> {
    this.views();
    this.commands.push({ command, context });
    await this.onExecute(command);
    return this.append(this.#decided(command), context);
  }

  head() {
    const last = this.events.at(-1);
    return { seq: last?.seq ?? 0, hash: last?.hash ?? '0'.repeat(64) };
  }

  fork(): null {
    return null;
  }

  async setSecret(command: Extract<Command, { type: 'setSecret' }>, value: unknown, context: RequestContext) {
    checkSecretValue(value);
    const [event] = await this.execute(command, context);
    if (event?.type !== 'secret.set') throw new Error('no secret was set');
    return event.data.version;
  }

  async removeSecret(command: Extract<Command, { type: 'removeSecret' }>, context: RequestContext) {
    const [event] = await this.execute(command, context);
    if (event?.type !== 'secret.removed') throw new Error('no secret was removed');
    return event.data.versions;
  }

  stopped() {
    return [];
  }

  past(): Past {
    return new Past({ log: this, blobs: createMemoryBlobStore(), now: () => this.time });
  }

  archive(): Archive {
    if (!this.archived) throw new Error('no archive is scripted');
    return this.archived;
  }

  async *read({ from = 1, to, stream, types, reverse, limit }: ReadOptions = {}): AsyncGenerator<EventEnvelope> {
    this.onRead();
    const range = this.events.slice(from - 1, to ?? this.events.length);
    if (reverse) range.reverse();
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const event of range) {
      if (left <= 0) return;
      if (stream !== undefined && event.stream !== stream) continue;
      if (types && !types.includes(event.type)) continue;
      left -= 1;
      yield event;
    }
  }

  async *readPieces(options: ReadOptions = {}): AsyncGenerator<readonly EventEnvelope[]> {
    for await (const event of this.read(options)) yield [event];
  }

  subscribe(_options: { readonly from?: number }, listener: Listener) {
    this.#listeners.add(listener);
    return { close: () => this.#listeners.delete(listener), ready: Promise.resolve() };
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  async chooseEngine(): Promise<string> {
    return 'process';
  }

  async releaseSettled(deployment: string, n: number, signal: AbortSignal) {
    const drafts = this.onDeploy(deployment, n);
    if (drafts.length === 0) await aborted(signal);
    this.append(drafts, { actor: 'system:pipeline', trace: 'pipeline' });
    const release = this.store.views.releases.get(`${deployment}#${n}`);
    if (!release) throw new Error(`no release ${deployment}#${n}`);
    return release;
  }

  async repositorySettled(name: string, _wantedAt: number, _signal: AbortSignal) {
    this.append(this.onSync(name), { actor: 'system:pipeline', trace: 'pipeline' });
    return this.store.views.repositories.get(name);
  }

  async scaleSettled(): Promise<void> {}

  async undeploySettled(): Promise<void> {}
  async volumesSettled(): Promise<void> {}
  async volumeSizes(): Promise<ReadonlyMap<string, number>> {
    return new Map([...this.views().volumes.keys()].map((id) => [id, 4_096]));
  }

  async callTask(call: TaskCall, context: RequestContext): Promise<TaskReply> {
    this.calls.push({ call, context });
    return this.onCall(call);
  }

  async recordRequest(data: Extract<PloinkyEvent, { type: 'request.passed' }>['data'], context: RequestContext) {
    if (this.fullDisk) throw new PloinkyError('DISK_FULL', 'The disk is full.');
    this.append([{ type: 'request.passed', stream: `request:${data.deployment}`, data }], context);
  }

  async findTask(taskId: string) {
    return this.tasks.get(taskId);
  }

  async acceptTasks(calls: readonly TaskCall[], context: RequestContext): Promise<readonly AcceptedTask[]> {
    return calls.map((call, i) => {
      this.calls.push({ call, context });
      return { taskId: `task-${i + 1}`, outcome: this.onAccept(call) };
    });
  }

  taskUnderWay(taskId: string): Promise<TaskReply> | undefined {
    return this.underWay.get(taskId);
  }

  async cancelTask(taskId: string, context: RequestContext): Promise<boolean> {
    return this.onCancel(taskId, context);
  }

  async runningRelease(deployment: string): Promise<RunningReport> {
    return { ...runs, deployment };
  }

  async output(deployment: string, tailLines: number): Promise<string> {
    return `${tailLines} lines of ${deployment}\n`;
  }

  async *followProgress(): ReturnType<CloudPort['followProgress']> & AsyncGenerator {
    yield { stage: 'install', line: 'added 1 package' };
  }

  async installOutput(_deployment: string, _release: number, tailLines: number): Promise<string> {
    return `${tailLines} lines\n`;
  }

  async destroyAll() {
    return { removed: ['ploinky-localhost-demo-1-cloud1'], errors: [] };
  }

  /** Stores and folds, as if something had happened. */
  append(
    drafts: readonly PloinkyDraft[],
    origin: { actor: string; trace: string; cause?: string },
  ): readonly PloinkyEvent[] {
    const clock = { now: () => this.time, monotonic: () => this.time };
    const newEvents = stamp(drafts, { ...origin, cause: origin.cause ?? null }, clock, () => this.#newId());
    const stored = newEvents.map((event, i) => {
      const seq = this.events.length + i + 1;
      return { ...event, seq, hash: createHash('sha256').update(`${seq}`).digest('hex') };
    });
    this.events.push(...stored);
    this.store.apply(stored);
    const stopped = [...this.store.stopped.values()][0];
    if (stopped) throw stopped;
    if (stored.length > 0) for (const listener of this.#listeners) listener(stored);
    return stored as unknown as readonly PloinkyEvent[];
  }

  #newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  #decided(command: Command): readonly PloinkyDraft[] {
    const decision = decide(this.store.views, command);
    if (decision.kind === 'refused') throw errorFromProblem(decision.problem);
    return decision.events;
  }
}

/** A task of `localhost/demo`, with an outcome where there is a reply. */
export function foundTask(taskId: string, reply: TaskReply | null = null): FoundTask {
  const acceptedAt = '2026-03-01T11:59:00.000Z';
  const state = reply === null ? 'running' : reply.success ? 'completed' : 'failed';
  const endedAt = reply && '2026-03-01T11:59:01.000Z';
  return { taskId, state, deployment: 'localhost/demo', command: 'hello', acceptedAt, endedAt, reply };
}

export const commit = 'c0ffee'.padEnd(40, '0');

const runs: RunningReport = {
  deployment: '',
  release: 1,
  target: null,
  container: 'ploinky-localhost-demo-1-cloud1',
  containers: [{ name: 'ploinky-localhost-demo-1-cloud1', replica: 1, status: 'running' }],
  folder: null,
  engine: 'process',
  status: 'running',
  commit,
  subject: 'First',
  files: 2,
  image: { reference: null, imageId: null, digest: null },
  spec: 'spec',
  environment: ['PATH'],
  secrets: {},
  volumes: [],
  differences: [],
  notes: [],
};

/** A web service, and where it listens. */
export interface ServedPort {
  readonly port: number | null;
  readonly manifest: { readonly web: { port: number; prefix: 'strip' | 'keep' }; readonly audit?: 'none' | 'requests' };
}

/** The events of a release that comes to serve. */
export function serves(deployment: string, n: number, service?: ServedPort): readonly PloinkyDraft[] {
  const stream = `release:${deployment}#${n}`;
  const name = containerName(deployment, n, 'cloud1');
  const container = `container:${name}`;
  return [
    {
      type: 'release.sourceResolved',
      stream,
      data: {
        repository: 'PloinkyDemo',
        branch: 'main',
        commit,
        subject: 'First',
        manifest: service ? { ...manifest, ...service.manifest } : manifest,
        secrets: {},
      },
    },
    { type: 'release.imageResolved', stream, data: { reference: null, imageId: null, digest: null } },
    { type: 'release.installed', stream, data: { durationMs: 1, log: null, cache: null } },
    {
      type: 'container.startRequested',
      stream: container,
      data: { name, deployment, release: n, replica: 1, engine: 'process', specHash: 'spec', attempt: 1 },
    },
    { type: 'container.started', stream: container, data: { engineId: '1' } },
    {
      type: 'container.healthy',
      stream: container,
      data: { transport: service ? 'web' : 'http', bootId: null, afterMs: 1, port: service?.port ?? null },
    },
    { type: 'deployment.routed', stream: `deployment:${deployment}`, data: { release: n, previous: null } },
  ];
}

const manifest = {
  name: 'demo',
  about: 'greets',
  image: null,
  install: null,
  update: null,
  run: null,
  commands: {},
  runTask: null,
  environment: {},
  volumes: [],
  resources: { memoryBytes: null, cpus: null },
  network: 'bridge' as const,
  transport: null,
  userFirst: false,
  web: null,
  static: null,
  concurrency: null,
  balance: 'leastBusy' as const,
  audit: 'none' as const,
  health: defaultHealth(false),
  restart: 'always' as const,
  warm: 0,
};

export function synced(name: string): readonly PloinkyDraft[] {
  const agents = [{ name: 'demo', about: 'greets' }];
  return [{ type: 'repository.synced', stream: `repository:${name}`, data: { name, branch: 'main', commit, agents } }];
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
