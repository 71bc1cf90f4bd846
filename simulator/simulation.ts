import type { RunningCloud } from '../adapters/cloud/running-cloud.ts';
import type { UpstreamAddress } from '../adapters/http/pass-through/upstream-connection.ts';
import { AgentProgram } from './agents/agent-program.ts';
import { SimulatedTransport } from './agents/transport.ts';
import { Disk } from './disk/disk.ts';
import { type Container, Daemon } from './engine/daemon.ts';
import { programOf } from './engine/run-program.ts';
import { Remotes } from './git/remotes.ts';
import type { Surroundings } from './ground/current.ts';
import { type Crash, Ground } from './ground/ground.ts';
import { Random } from './ground/random.ts';
import { Record } from './invariants/record.ts';
import { sameAfterReplay } from './invariants/same-after-replay.ts';
import { Serving } from './invariants/serving.ts';
import { Witness } from './invariants/witness.ts';
import { begin, type Life } from './server/life.ts';
import { paths } from './server/place.ts';
import { WitnessedSecrets } from './server/secrets.ts';

/** One world with one server in it, which may end and begin again at any moment. */
export class Simulation implements Surroundings {
  readonly ground: Ground;
  readonly disk: Disk;
  readonly daemons: readonly Daemon[];
  readonly remotes: Remotes;
  readonly secrets: WitnessedSecrets;
  readonly transports: { readonly http: SimulatedTransport; readonly queue: SimulatedTransport };
  readonly record: Record;
  readonly witness: Witness;
  /** Processes that take requests; 1 = the server itself. */
  readonly workers: number;
  /** The present life, once it has begun. */
  life: Life | null = null;
  crashes = 0;
  /** Of a process beside the server. */
  lastPid = 1_000;
  /** Requests of people that web services answered. */
  answered = 0;
  /** By deployment: when one of its containers last ended, or fell silent, without having been asked to. */
  readonly troubledAt = new Map<string, number>();
  /** By deployment: when one of its containers was last asked to stop. */
  readonly stoppedAt = new Map<string, number>();
  /** How callers' URLs answer. */
  callbackStatus = () => 200;
  readonly #executed = new Map<string, number>();

  constructor(seed: number, onLine?: (line: string) => void) {
    this.ground = new Ground(seed, onLine);
    const shape = new Random(`shape ${seed}`);
    this.workers = shape.chance(0.35) ? shape.whole(2, 3) : 1;
    this.disk = new Disk(this.ground);
    this.remotes = new Remotes(this.ground, this.disk);
    this.secrets = new WitnessedSecrets(this.ground);
    const run = programOf(
      this.disk,
      (taskId) => this.#executes(taskId),
      (program, request, again) => {
        this.witness.given(program, request);
        if (!again) this.witness.sent(request);
      },
    );
    this.daemons = [new Daemon('docker', this.ground, run), new Daemon('podman', this.ground, run)];
    const find = (runFolder: string) => this.#programIn(runFolder);
    const given = (program: AgentProgram, taskId: string) => {
      // One that it knows already is only asked for once more.
      if (program.remembered(taskId) === undefined) this.witness.given(program, `the task ${taskId}`);
    };
    this.transports = {
      http: new SimulatedTransport('http', this.ground, find, given),
      queue: new SimulatedTransport('queue', this.ground, find, given),
    };
    this.record = new Record(this.ground);
    this.witness = new Witness({
      ground: this.ground,
      views: () => this.cloud?.store.views ?? null,
      events: () => this.record.events,
      kept: () => this.cloud?.world.settings()['retention.releases'] ?? Number.POSITIVE_INFINITY,
      daemons: () => this.daemons,
      secretValue: (name, version) => this.secrets.valueOf(name, version),
    });
    const serving = new Serving(this);
    this.record.onEvent = (event) => {
      this.witness.stored(event);
      if (event.type === 'container.stopRequested') this.#stops(event.stream.slice('container:'.length));
      serving.stored(event);
    };
    this.remotes.onUnpin = (pins) => this.witness.unpins(pins);
    this.ground.onCrash = (how) => this.crash(how);
    this.disk.makeFolder('/simulated/cloud', true);
    this.disk.makeFolder(paths.agentCore, true);
    for (const daemon of this.daemons) this.#lookAt(daemon);
  }

  /** The cloud of the present life. */
  get cloud(): RunningCloud | null {
    return this.life?.cloud ?? null;
  }

  async post(_url: string, _body: string): Promise<number> {
    return this.callbackStatus();
  }

  /** Who listens there, or would if it could. */
  containerAt(address: UpstreamAddress): Container | undefined {
    for (const { containers } of this.daemons) {
      for (const container of containers.values()) {
        if ('port' in address && container.hostPort === address.port) return container;
        if ('port' in address) continue;
        const folder = address.socketPath.slice(0, address.socketPath.lastIndexOf('/'));
        if (container.program && container.mounts.some(({ source }) => source === folder)) return container;
      }
    }
    return undefined;
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
      (begun) => {
        if (ground.life !== life || ground.down) return;
        this.life = begun;
        ground.tell(`life ${life} is ready at event ${begun.cloud.log.head().seq}`);
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
    this.life = null;
    ground.crashAfter = Number.POSITIVE_INFINITY;
    ground.tell(`life ${ground.life} ends: ${how}`);
    if (how === 'power') {
      for (const daemon of this.daemons) daemon.powerCut();
      this.disk.powerCut();
      for (const daemon of this.daemons) ground.time.after(ground.random.between(100, 5_000), () => daemon.comeUp());
    }
    this.disk.letGo();
  }

  #lookAt(daemon: Daemon): void {
    const { folder, name } = this.disk.place(daemon.socketPath, 'listen');
    folder.entries.set(name, { kind: 'socket', mode: 0o660, mtime: 0 });
    daemon.onCreated = (container) => this.witness.created(daemon, container);
    daemon.onTrouble = ({ labels }) => {
      this.troubledAt.set(labels['ploinky.deployment'] ?? '', this.ground.time.now);
    };
  }

  #programIn(runFolder: string): AgentProgram | null {
    for (const { containers } of this.daemons) {
      for (const { program, mounts } of containers.values()) {
        if (!(program instanceof AgentProgram)) continue;
        if (mounts.some(({ target, source }) => target === '/run/ploinky' && source === runFolder)) return program;
      }
    }
    return null;
  }

  #stops(container: string): void {
    const { deployment } = this.cloud?.store.views.containers.get(container) ?? {};
    if (deployment !== undefined) this.stoppedAt.set(deployment, this.ground.time.now);
  }

  #executes(taskId: string): void {
    const times = (this.#executed.get(taskId) ?? 0) + 1;
    this.#executed.set(taskId, times);
    this.ground.tell(`agent: executes ${taskId}`);
    if (times > 1) this.ground.fail('executed-once', `the task ${taskId} was executed ${times} times`);
  }
}
