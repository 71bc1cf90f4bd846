import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { containerName } from '../../core/names/names.ts';
import type { Command } from '../../decisions/commands.ts';
import { wellBehaved } from '../agents/behaviour.ts';
import { plainManifest, type Remote } from '../git/remotes.ts';
import { Random } from '../ground/random.ts';
import { cloudId } from '../server/life.ts';
import type { Simulation } from '../simulation.ts';

const image = 'registry.example.org/app:1';
const domain = 'localhost';
const paths = ['/a', '/b', '/c'];

/** Short times, so that much happens in little of the world's time. */
const settings = {
  agentStartTimeoutMs: 3_000,
  stopGraceMs: 1_000,
  'git.timeoutMs': 8_000,
  imagePullTimeoutMs: 20_000,
  installTimeoutMs: 20_000,
  'snapshots.every': 60,
};

/** People who use the cloud: they deploy, call, change their minds, and do by hand what they should not. */
export class Users {
  readonly #simulation: Simulation;
  readonly #random: Random;
  readonly #remotes: Remote[] = [];
  #requests = 0;
  /** Faults go on; afterwards nobody breaks anything any more. */
  rough = true;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#random = new Random(`users ${simulation.ground.seed}`);
    for (let i = 0; i < 2; i += 1) {
      const remote: Remote = { url: `https://git.example.org/${i}.git`, agent: `agent${i}`, commits: [], up: true };
      this.#remotes.push(remote);
      simulation.remotes.all.set(remote.url, remote);
      this.#push(remote, true);
    }
  }

  /** Asks until it is heard: what everything else rests on. */
  settle(): void {
    const commands: Command[] = [
      { type: 'changeSettings', values: settings },
      ...this.#remotes.map(
        ({ url, agent }): Command => ({
          type: 'addRepository',
          name: agent,
          url,
          branch: null,
          enabled: true,
          check: 'keep',
        }),
      ),
    ];
    const { time } = this.#simulation.ground;
    // A crash leaves a question without an answer: it is asked again, and then the answer may be a refusal.
    const ask = () => {
      const [command] = commands;
      if (!command) return;
      let heard = false;
      const shift = () => {
        heard = true;
        commands.shift();
      };
      this.#execute(command)?.then(shift, (error: unknown) => {
        if (error instanceof PloinkyError && error.code.endsWith('_EXISTS')) shift();
      });
      time.after(1_000, () => {
        if (heard || commands[0] === command) ask();
      });
    };
    ask();
  }

  act(): void {
    const random = this.#random;
    const action = random.weighted<() => void>([
      [6, () => this.#deploy()],
      [3, () => this.#push(random.of(this.#remotes))],
      [2, () => this.#rollback()],
      [2, () => this.#scale()],
      [
        1,
        () => void this.#execute({ type: 'undeploy', domain, path: random.of(paths), reason: null })?.catch(() => {}),
      ],
      [9, () => this.#call()],
      [1, () => void this.#execute({ type: 'syncRepository', name: random.of(this.#remotes).agent })?.catch(() => {})],
      [
        1,
        () =>
          void this.#execute({ type: 'changeSettings', values: { maxConcurrentTasks: random.whole(1, 5) } })?.catch(
            () => {},
          ),
      ],
      [this.rough ? 2 : 0, () => this.#meddle()],
      [this.rough ? 1 : 0, () => this.#foreign()],
    ]);
    action();
  }

  #deploy(): void {
    const random = this.#random;
    const { agent } = random.of(this.#remotes);
    const config = {
      agent,
      repository: agent,
      branch: null,
      commit: null,
      tag: null,
      image: null,
      command: null,
      environment: {},
      transport: null,
    };
    const replicas = random.chance(0.2) ? { replicas: random.whole(1, 3) } : {};
    const engine = random.chance(0.75) ? 'docker' : 'podman';
    void this.#execute({ type: 'deploy', domain, path: random.of(paths), config, engine, ...replicas })?.catch(
      () => {},
    );
  }

  #rollback(): void {
    const path = this.#random.of(paths);
    const views = this.#simulation.cloud?.store.views;
    const known = views?.deployments.get(`${domain}${path}`);
    if (!views || !known) return;
    const target = this.#random.whole(1, known.latest);
    const source = views.releases.get(`${known.id}#${target}`)?.source;
    const url = views.repositories.get(source?.repository ?? '')?.url ?? '';
    void this.#execute({
      type: 'rollback',
      domain,
      path,
      target,
      url,
      secrets: 'now',
      reason: null,
      expectSeq: null,
    })?.catch(() => {});
  }

  #scale(): void {
    void this.#execute({
      type: 'scale',
      domain,
      path: this.#random.of(paths),
      replicas: this.#random.whole(1, 3),
    })?.catch(() => {});
  }

  #call(): void {
    const { cloud } = this.#simulation;
    if (!cloud) return;
    const deployment = `${domain}${this.#random.of(paths)}`;
    for (let left = this.#random.whole(1, 4); left > 0; left -= 1) {
      const call = {
        deployment,
        command: 'work',
        params: [left],
        runForUserId: 'anonymous',
        timeoutMs: this.#random.of([300, 5_000, 30_000]),
        priority: this.#random.of(['normal', 'urgent', 'low'] as const),
        callback: this.#random.chance(0.2) ? 'https://example.org/told' : null,
        metadata: {},
      };
      cloud.tasks.call(call, this.#origin(), {}).catch(() => {});
    }
  }

  #execute(command: Command): Promise<unknown> | undefined {
    const { cloud, ground } = this.#simulation;
    ground.tell(`user: ${command.type} ${'path' in command ? command.path : 'name' in command ? command.name : ''}`);
    return cloud?.execute(command, this.#origin());
  }

  #origin() {
    this.#requests += 1;
    return { actor: 'admin:k_1', trace: `request ${this.#requests}`, cause: null };
  }

  #push(remote: Remote, first = false): void {
    const random = this.#random;
    const manifest = {
      ...plainManifest(remote.agent),
      image,
      install: random.chance(0.3) ? 'npm ci' : null,
      volumes: random.chance(0.2) ? [{ name: 'data', target: '/data', readOnly: false }] : [],
      concurrency: random.chance(0.3) ? random.whole(1, 3) : null,
    };
    const behaviour = {
      ...wellBehaved,
      bootMs: random.between(20, 1_500),
      health: first
        ? 'well'
        : random.weighted([
            [12, 'well'],
            [1, 'mute'],
            [1, 'exits'],
          ] as const),
      livesMs: !first && random.chance(0.08) ? random.between(2_000, 60_000) : null,
      installs: first || random.chance(0.9),
      deaf: random.chance(0.1),
      transport: random.of(['http', 'http', 'queue'] as const),
      taskMs: random.of([
        [5, 50],
        [50, 400],
        [200, 8_000],
      ] as const),
    };
    const hash = random.hex(40);
    remote.commits.push({
      hash,
      subject: `change ${remote.commits.length + 1}`,
      behaviour,
      manifest,
      broken: !first && random.chance(0.05),
    });
    this.#simulation.ground.tell(`push to ${remote.agent}: ${behaviour.health}`);
  }

  /** What nobody should do to a container by hand. */
  #meddle(): void {
    const random = this.#random;
    const ours = this.#simulation.daemons.flatMap((daemon) =>
      [...daemon.containers.values()].filter(({ foreign }) => !foreign).map((container) => ({ daemon, container })),
    );
    if (ours.length === 0) return;
    const { daemon, container } = random.of(ours);
    const how = random.of(['remove', 'kill', 'oom', 'stuck', 'pause', 'prune'] as const);
    this.#simulation.ground.tell(`by hand: ${how} ${container.name}`);
    if (how === 'remove') daemon.remove(container);
    else if (how === 'kill') daemon.end(container, 137);
    else if (how === 'oom') daemon.end(container, 137, true);
    else if (how === 'prune') daemon.images.clear();
    else if (how === 'pause') daemon.pause(container);
    else if (container.program) {
      const { program } = container;
      program.stuck = true;
      this.#simulation.ground.time.after(random.between(500, 40_000), () => {
        program.stuck = false;
      });
    }
  }

  /** Somebody else's container, perhaps under a name that we are about to want. */
  #foreign(): void {
    const random = this.#random;
    const daemon = random.of(this.#simulation.daemons);
    const id = `${domain}${random.of(paths)}`;
    const latest = this.#simulation.cloud?.store.views.deployments.get(id)?.latest ?? 0;
    const name = random.chance(0.7) ? containerName(id, latest + 1, cloudId) : `somebody-${random.id(5)}`;
    if (daemon.find(name)) return;
    const labels = random.chance(0.3)
      ? { 'ploinky.cloud': 'another00000', 'ploinky.deployment': id, 'ploinky.release': '1', 'ploinky.spec': 'x' }
      : {};
    const container = daemon.create(name, { Image: 'somebody/image', Labels: labels }, true);
    daemon.start(container);
  }
}
