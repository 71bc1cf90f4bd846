import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Command } from '../../decisions/commands.ts';
import type { Remote } from '../git/remotes.ts';
import { Random } from '../ground/random.ts';
import type { Asked } from '../server/passed-request.ts';
import { secretMark } from '../server/secrets.ts';
import type { Simulation } from '../simulation.ts';
import { makeForeign, meddle } from './by-hand.ts';
import { secretNames, someCommit, type Trade } from './commits.ts';

const domain = 'localhost';
const paths = ['/a', '/b', '/c'];

/** Short times, so that much happens in little of the world's time. */
const settings = {
  agentStartTimeoutMs: 3_000,
  stopGraceMs: 1_000,
  drainTimeoutMs: 6_000,
  serviceTimeoutMs: 15_000,
  'git.timeoutMs': 8_000,
  'git.pollMinMs': 2_000,
  'git.pollMaxMs': 15_000,
  imagePullTimeoutMs: 20_000,
  installTimeoutMs: 20_000,
  'snapshots.every': 60,
  'retention.releases': 3,
};

/** What is pushed to the first repository, and to the second. */
const trades: readonly (readonly Trade[])[] = [
  ['web', 'web', 'agent', 'site'],
  ['agent', 'agent', 'web'],
];

const asks: readonly (readonly [number, Asked])[] = [
  [14, 'GET'],
  [3, 'POST'],
  [2, 'upload'],
  [1, 'upgrade'],
];

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
    for (const [i, some] of trades.entries()) {
      const trade = this.#random.of(some);
      const remote = { url: `https://git.example.org/${i}.git`, agent: `agent${i}`, trade, commits: [], up: true };
      this.#remotes.push(remote);
      simulation.remotes.all.set(remote.url, remote);
      this.#push(remote, true);
    }
  }

  /** Asks until it is heard: what everything else rests on. */
  settle(): void {
    const wishes: (() => Promise<unknown> | undefined)[] = [
      () => this.#execute({ type: 'changeSettings', values: settings }),
      ...this.#remotes.map(({ url, agent: name }) => {
        return () => this.#execute({ type: 'addRepository', name, url, branch: null, enabled: true, check: 'keep' });
      }),
      ...secretNames.map((name) => () => this.#setSecret(name)),
    ];
    const { time } = this.#simulation.ground;
    // A crash leaves a question without an answer: it is asked again, and then the answer may be a refusal.
    const ask = () => {
      const [wish] = wishes;
      if (!wish) return;
      let heard = false;
      const shift = () => {
        heard = true;
        wishes.shift();
      };
      wish()?.then(shift, (error: unknown) => {
        if (error instanceof PloinkyError && error.code.endsWith('_EXISTS')) shift();
      });
      time.after(1_000, () => {
        if (heard || wishes[0] === wish) ask();
      });
    };
    ask();
  }

  act(): void {
    const random = this.#random;
    // Whoever has nothing yet begins with that.
    if (this.#simulation.cloud?.store.views.deployments.size === 0) {
      this.#deploy();
      return;
    }
    const action = random.weighted<() => void>([
      [6, () => this.#deploy()],
      [3, () => this.#push(random.of(this.#remotes))],
      [0.5, () => this.#takeBack(random.of(this.#remotes))],
      [2.5, () => this.#rollback()],
      [2, () => this.#try({ type: 'scale', domain, path: random.of(paths), replicas: random.whole(1, 3) })],
      [1, () => this.#try({ type: 'undeploy', domain, path: random.of(paths), reason: null })],
      [1, () => this.#try({ type: 'watch', domain, path: random.of(paths), watch: random.chance(0.7) })],
      [9, () => this.#call()],
      [4, () => this.#visit()],
      [1, () => this.#try({ type: 'syncRepository', name: random.of(this.#remotes).agent })],
      [1, () => this.#changeSettings()],
      [1, () => void this.#setSecret(random.of(secretNames))?.catch(() => {})],
      [0.4, () => this.#removeSecret()],
      [1, () => this.#prune()],
      [0.7, () => this.#removeVolume()],
      [this.rough ? 2 : 0, () => meddle(this.#simulation, random)],
      [this.rough ? 1 : 0, () => makeForeign(this.#simulation, random, `${domain}${random.of(paths)}`)],
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
      environment: random.chance(0.15) ? { ANOTHER: { secret: random.of(secretNames) } } : {},
      transport: null,
    };
    const replicas = random.chance(0.2) ? { replicas: random.whole(1, 3) } : {};
    const watch = random.chance(0.5) ? { watch: random.chance(0.8) } : {};
    const engine = random.chance(0.75) ? 'docker' : 'podman';
    this.#try({ type: 'deploy', domain, path: random.of(paths), config, engine, ...replicas, ...watch });
  }

  #rollback(): void {
    const random = this.#random;
    const path = random.of(paths);
    const views = this.#simulation.cloud?.store.views;
    const known = views?.deployments.get(`${domain}${path}`);
    if (!views || !known) return;
    const target = random.whole(1, known.latest);
    const source = views.releases.get(`${known.id}#${target}`)?.source;
    const url = views.repositories.get(source?.repository ?? '')?.url ?? '';
    const secrets = random.chance(0.5) ? 'now' : 'then';
    this.#try({ type: 'rollback', domain, path, target, url, secrets, reason: null, expectSeq: null });
  }

  #changeSettings(): void {
    const random = this.#random;
    const values = random.chance(0.5)
      ? { maxConcurrentTasks: random.whole(1, 5) }
      : { 'retention.releases': random.whole(1, 4) };
    this.#try({ type: 'changeSettings', values });
  }

  /** To a worker, where some take requests. */
  #call(): void {
    const random = this.#random;
    const { life } = this.#simulation;
    if (!life) return;
    const deployment = `${domain}${random.of(paths)}`;
    for (let left = random.whole(1, 4); left > 0; left -= 1) {
      const call = {
        deployment,
        command: 'work',
        params: [left],
        runForUserId: 'anonymous',
        timeoutMs: random.of([300, 5_000, 30_000]),
        priority: random.of(['normal', 'urgent', 'low'] as const),
        callback: random.chance(0.2) ? 'https://example.org/told' : null,
        metadata: {},
      };
      const serving = life.crew?.serving ?? [];
      const worker = serving.length === 0 ? null : random.of(serving);
      const origin = this.#origin();
      const told = worker?.cloud?.callTask(call, origin) ?? life.cloud.tasks.call(call, { ...origin, cause: null }, {});
      told.catch(() => {});
    }
  }

  /** Somebody looks at a site for a while, one page after another; perhaps it is deployed anew meanwhile. */
  #visit(): void {
    const random = this.#random;
    const { cloud, ground } = this.#simulation;
    const views = cloud?.store.views;
    const sites = [...(views?.deployments.values() ?? [])].filter(({ id, routed }) => {
      const manifest = views?.releases.get(releaseId(id, routed ?? 0))?.source?.manifest;
      return manifest?.web || manifest?.static;
    });
    if (sites.length === 0) return;
    const { id, path, config } = random.of(sites);
    const everyMs = random.between(50, 500);
    let left = random.whole(5, 25);
    const open = () => {
      this.#open(id);
      left -= 1;
      if (left > 0) ground.time.after(random.between(0.2, 1.8) * everyMs, open);
    };
    open();
    if (!random.chance(0.5)) return;
    ground.time.after(random.between(100, 1_000), () => {
      this.#try({ type: 'deploy', domain, path, config, engine: random.of(['docker', 'docker', 'podman']) });
    });
  }

  #open(id: string): void {
    const { life } = this.#simulation;
    if (!life) return;
    const serving = life.crew?.serving ?? [];
    const gateway = (serving.length === 0 ? null : this.#random.of(serving).gateway) ?? life.gateway;
    const asked = this.#random.weighted(asks);
    void gateway.open(id, asked, this.#origin().trace);
  }

  #setSecret(name: string): Promise<unknown> | undefined {
    const { cloud, ground } = this.#simulation;
    ground.tell(`user: sets the secret ${name}`);
    const value = `${secretMark}${name}-${this.#random.id(8)}`;
    return cloud?.secrets.set({ type: 'setSecret', name, how: 'set' }, value, { ...this.#origin(), cause: null });
  }

  #removeSecret(): void {
    const { cloud, ground } = this.#simulation;
    const name = this.#random.of(secretNames);
    const force = this.#random.chance(0.5);
    ground.tell(`user: removes the secret ${name}`);
    void cloud?.secrets
      .remove({ type: 'removeSecret', name, force }, { ...this.#origin(), cause: null })
      .catch(() => {});
  }

  #prune(): void {
    const { cloud, ground } = this.#simulation;
    ground.tell('user: prunes');
    void cloud?.prune.run('asked', 'admin:k_1', new AbortController().signal).catch(() => {});
  }

  #removeVolume(): void {
    const volumes = [...(this.#simulation.cloud?.store.views.volumes.values() ?? [])];
    if (volumes.length === 0) return;
    const { deployment, volume } = this.#random.of(volumes);
    this.#try({ type: 'removeVolume', deployment, volume, reason: null });
  }

  #try(command: Command): void {
    void this.#execute(command)?.catch(() => {});
  }

  #execute(command: Command): Promise<unknown> | undefined {
    const { cloud, ground } = this.#simulation;
    ground.tell(`user: ${command.type} ${'path' in command ? command.path : 'name' in command ? command.name : ''}`);
    return cloud?.execute(command, { ...this.#origin(), cause: null });
  }

  #origin() {
    this.#requests += 1;
    return { actor: 'admin:k_1', trace: `request ${this.#requests}` };
  }

  #push(remote: Remote, first = false): void {
    const subject = `change ${remote.commits.length + 1}`;
    const commit = someCommit(this.#random, remote.agent, remote.trade, first, subject);
    this.#simulation.remotes.push(remote, commit);
    this.#simulation.ground.tell(`push to ${remote.agent}: ${commit.behaviour.health}`);
  }

  /** A push by force: the newest commit is gone. */
  #takeBack(remote: Remote): void {
    const gone = this.#simulation.remotes.takeBack(remote);
    if (gone) this.#simulation.ground.tell(`${gone.hash.slice(0, 8)} of ${remote.agent} is taken back`);
  }
}
