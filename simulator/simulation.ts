import type { RunningCloud } from '../adapters/cloud/running-cloud.ts';
import type { EventEnvelope } from '../core/events/envelope.ts';
import { releaseId } from '../core/names/names.ts';
import { wantedContainers } from '../decisions/wanted-containers.ts';
import type { Program } from './agents/program.ts';
import { SimulatedTransport } from './agents/transport.ts';
import { Disk } from './disk/disk.ts';
import { Daemon } from './engine/daemon.ts';
import { programOf } from './engine/run-program.ts';
import { Remotes } from './git/remotes.ts';
import type { Surroundings } from './ground/current.ts';
import { type Crash, Ground } from './ground/ground.ts';
import { Record } from './invariants/record.ts';
import { sameAfterReplay } from './invariants/same-after-replay.ts';
import { begin, cloudId, paths } from './server/life.ts';
import { SimulatedSecrets } from './server/secrets.ts';

/** One world with one server in it, which may end and begin again at any moment. */
export class Simulation implements Surroundings {
  readonly ground: Ground;
  readonly disk: Disk;
  readonly daemons: readonly Daemon[];
  readonly remotes: Remotes;
  readonly secrets: SimulatedSecrets;
  readonly transports: { readonly http: SimulatedTransport; readonly queue: SimulatedTransport };
  readonly record: Record;
  /** The cloud of the present life, once it has begun. */
  cloud: RunningCloud | null = null;
  crashes = 0;
  /** How callers' URLs answer. */
  callbackStatus = () => 200;
  readonly #executed = new Map<string, number>();

  constructor(seed: number, onLine?: (line: string) => void) {
    this.ground = new Ground(seed, onLine);
    this.disk = new Disk(this.ground);
    this.remotes = new Remotes(this.ground, this.disk);
    this.secrets = new SimulatedSecrets(this.ground);
    const run = programOf(this.disk, (taskId) => this.#executes(taskId));
    this.daemons = [new Daemon('docker', this.ground, run), new Daemon('podman', this.ground, run)];
    const find = (runFolder: string) => this.#programIn(runFolder);
    const given = (program: Program, taskId: string) => this.#given(program, taskId);
    this.transports = {
      http: new SimulatedTransport('http', this.ground, find, given),
      queue: new SimulatedTransport('queue', this.ground, find, given),
    };
    this.record = new Record(this.ground);
    this.record.onEvent = (event) => this.#look(event);
    this.ground.onCrash = (how) => this.crash(how);
    this.disk.makeFolder('/simulated/cloud', true);
    this.disk.makeFolder(paths.agentCore, true);
    for (const { socketPath } of this.daemons) {
      const { folder, name } = this.disk.place(socketPath, 'listen');
      folder.entries.set(name, { kind: 'socket', mode: 0o660, mtime: 0 });
    }
  }

  async post(_url: string, _body: string): Promise<number> {
    return this.callbackStatus();
  }

  /** The server begins its next life; what it cannot do now it tries again, as its supervisor would. */
  start(): void {
    const { ground } = this;
    if (!ground.down) return;
    ground.life += 1;
    ground.down = false;
    ground.time.booted = ground.time.now;
    const { life } = ground;
    ground.tell(`life ${life} begins`);
    begin(this).then(
      (cloud) => {
        if (ground.life !== life || ground.down) return;
        this.cloud = cloud;
        ground.tell(`life ${life} is ready at event ${cloud.log.head().seq}`);
      },
      (error: unknown) => {
        if (ground.life !== life || ground.down) return;
        const { code, message, stack } = error as { code?: string; message: string; stack?: string };
        ground.tell(`life ${life} could not begin: ${code} ${message}`);
        if (code === 'LOG_DAMAGED' || code === 'LOG_HELD' || code === undefined) {
          ground.fail('log-opens', `the server cannot begin: ${code === undefined ? stack : message}`);
        }
        this.crash('kill');
        ground.time.after(2_000, () => this.start());
      },
    );
  }

  /** The server ends at once, whatever it was doing. */
  crash(how: Crash): void {
    const { ground } = this;
    if (ground.down) return;
    this.crashes += 1;
    if (this.cloud) sameAfterReplay(ground, this.cloud.store, this.record.events);
    ground.down = true;
    this.cloud = null;
    ground.crashAfter = Number.POSITIVE_INFINITY;
    ground.tell(`life ${ground.life} ends: ${how}`);
    if (how === 'power') {
      for (const daemon of this.daemons) daemon.powerCut();
      this.disk.powerCut();
      for (const daemon of this.daemons) ground.time.after(ground.random.between(100, 5_000), () => daemon.comeUp());
    }
    this.disk.letGo();
  }

  #programIn(runFolder: string): Program | null {
    for (const { containers } of this.daemons) {
      for (const { program, mounts } of containers.values()) {
        if (program && mounts.some(({ target, source }) => target === '/run/ploinky' && source === runFolder))
          return program;
      }
    }
    return null;
  }

  #executes(taskId: string): void {
    const times = (this.#executed.get(taskId) ?? 0) + 1;
    this.#executed.set(taskId, times);
    this.ground.tell(`agent: executes ${taskId}`);
    if (times > 1) this.ground.fail('executed-once', `the task ${taskId} was executed ${times} times`);
  }

  #given(program: Program, taskId: string): void {
    if (!program.everAnswered) {
      this.ground.fail(
        'healthy-before-routed',
        `the task ${taskId} was given to ${program.container.name}, which never answered a health check`,
      );
    }
  }

  #look(event: EventEnvelope): void {
    if (event.type === 'deployment.routed') this.#routed(event);
    if (event.type === 'deployment.routed' || event.type === 'release.retired')
      this.ground.time.after(0, () => this.#oneServes());
  }

  /** Whoever gets requests from now on has answered. */
  #routed({ seq, stream, data }: EventEnvelope): void {
    const views = this.cloud?.store.views;
    const id = stream.slice('deployment:'.length);
    const { release: n } = data as { release: number };
    const release = views?.releases.get(releaseId(id, n));
    const deployment = views?.deployments.get(id);
    if (!views || !release || !deployment) return;
    const wanted = wantedContainers(deployment, release, cloudId);
    let answering = 0;
    for (const { name } of wanted) {
      const known = views.containers.get(name);
      if (known?.status !== 'healthy') continue;
      answering += 1;
      if (this.daemons.some(({ kind, answered }) => kind === known.engine && answered.has(known.engineId ?? '')))
        continue;
      const message = `release ${n} of ${id} was routed, and its container ${name} never answered a health check`;
      this.ground.fail('healthy-before-routed', message);
    }
    // Those that are kept warm may follow, and those that somebody asked for in the moment of the switch.
    const justScaled = deployment.scaled !== null && seq - deployment.scaled.seq < 20;
    if (answering >= Math.min(justScaled ? 1 : deployment.replicas, wanted.length)) return;
    this.ground.fail(
      'healthy-before-routed',
      `release ${n} of ${id} was routed, and ${answering} of its containers answer`,
    );
  }

  #oneServes(): void {
    const views = this.cloud?.store.views;
    if (!views) return;
    const serving = new Map<string, number>();
    for (const { deployment, n, status } of views.releases.values()) {
      if (status !== 'serving') continue;
      const other = serving.get(deployment);
      if (other !== undefined)
        this.ground.fail('one-serves', `releases ${other} and ${n} of ${deployment} serve at once`);
      serving.set(deployment, n);
      if (views.deployments.get(deployment)?.routed !== n) {
        this.ground.fail(
          'one-serves',
          `release ${n} of ${deployment} serves, and ${views.deployments.get(deployment)?.routed} is routed`,
        );
      }
    }
  }
}
