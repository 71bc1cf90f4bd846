import { calm } from '../ground/ground.ts';
import { Random } from '../ground/random.ts';
import type { Simulation } from '../simulation.ts';

/** What goes wrong by itself, until it is told to stop. */
export class Faults {
  readonly #simulation: Simulation;
  readonly #random: Random;
  /** How likely each kind is in this world; 0 = it does not happen here. */
  readonly #weights: readonly (readonly [number, () => void])[];
  readonly #everyMs: number;
  #over = false;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    const random = new Random(`faults ${simulation.ground.seed}`);
    this.#random = random;
    const maybe = (most: number) => (random.chance(0.6) ? random.between(0, most) : 0);
    const odds = {
      write: maybe(0.03),
      engine: maybe(0.05),
      notice: maybe(0.2),
      agent: maybe(0.05),
      git: maybe(0.15),
    };
    simulation.ground.odds = odds;
    this.#weights = [
      [maybe(4), () => this.#kill()],
      [maybe(2), () => this.#killSoon()],
      [maybe(1), () => this.#end('power')],
      [maybe(2), () => this.#daemonDies()],
      [maybe(2), () => this.#daemonHangs()],
      [maybe(1), () => this.#diskFills()],
      [maybe(1), () => this.#remoteGoes()],
      [maybe(1), () => this.#registryGoes()],
      [maybe(0.5), () => this.#clockJumps()],
      [simulation.workers > 1 ? 2 : 0, () => this.#worker()],
      [0.3, () => undefined],
    ];
    this.#everyMs = random.between(6_000, 40_000);
  }

  begin(): void {
    const again = () => {
      if (this.#over) return;
      this.#random.weighted(this.#weights)();
      this.#simulation.ground.time.after(this.#random.between(0.2, 1.8) * this.#everyMs, again);
    };
    this.#simulation.ground.time.after(this.#random.between(1_000, this.#everyMs), again);
  }

  /** Nothing fails any more, and what failed is mended. */
  stop(): void {
    const { ground, daemons, disk, remotes } = this.#simulation;
    this.#over = true;
    ground.odds = calm;
    ground.calmed = true;
    ground.crashAfter = Number.POSITIVE_INFINITY;
    disk.full = false;
    for (const remote of remotes.all.values()) remote.up = true;
    for (const daemon of daemons) {
      daemon.registryDown = false;
      daemon.comeUp();
      daemon.goOn();
      for (const container of [...daemon.containers.values()]) {
        if (container.program) container.program.stuck = false;
        // Whoever took a name of ours gives it back.
        if (container.foreign && container.name.startsWith('ploinky-')) daemon.remove(container);
      }
    }
    ground.tell('faults have stopped');
    this.#simulation.start();
  }

  #kill(): void {
    this.#end('kill');
  }

  /** Between an effect and its event. */
  #killSoon(): void {
    this.#simulation.ground.crashAfter = this.#random.whole(0, 12);
    const { life } = this.#simulation.ground;
    const watch = () => {
      if (this.#simulation.ground.life !== life || this.#over) return;
      if (this.#simulation.ground.down) this.#beginSoon();
      else this.#simulation.ground.time.after(500, watch);
    };
    watch();
  }

  #end(how: 'kill' | 'power'): void {
    if (this.#simulation.ground.down) return;
    this.#simulation.crash(how);
    this.#beginSoon();
  }

  #beginSoon(): void {
    this.#simulation.ground.time.after(this.#random.between(200, 15_000), () => this.#simulation.start());
  }

  #daemonDies(): void {
    const daemon = this.#random.of(this.#simulation.daemons);
    daemon.kill(this.#random.chance(0.5));
    this.#simulation.ground.time.after(this.#random.between(100, 60_000), () => daemon.comeUp());
  }

  #daemonHangs(): void {
    const daemon = this.#random.of(this.#simulation.daemons);
    daemon.hang();
    this.#simulation.ground.time.after(this.#random.between(500, 90_000), () => daemon.goOn());
  }

  #diskFills(): void {
    const { disk, ground } = this.#simulation;
    disk.full = true;
    ground.tell('the disk is full');
    ground.time.after(this.#random.between(500, 20_000), () => {
      disk.full = false;
      ground.tell('the disk has room again');
    });
  }

  /** One is killed, or does nothing for a while. */
  #worker(): void {
    const { life, ground } = this.#simulation;
    const serving = life?.crew?.serving ?? [];
    if (serving.length === 0) return;
    const worker = this.#random.of(serving);
    if (this.#random.chance(0.5)) worker.end('by SIGKILL, by hand');
    else {
      ground.tell('a worker stalls');
      worker.stall(this.#random.between(200, 15_000));
    }
  }

  #remoteGoes(): void {
    const remote = this.#random.of([...this.#simulation.remotes.all.values()]);
    remote.up = false;
    this.#simulation.ground.tell(`${remote.url} is gone`);
    this.#simulation.ground.time.after(this.#random.between(1_000, 120_000), () => {
      remote.up = true;
    });
  }

  #registryGoes(): void {
    const daemon = this.#random.of(this.#simulation.daemons);
    daemon.registryDown = true;
    daemon.images.clear();
    this.#simulation.ground.time.after(this.#random.between(1_000, 60_000), () => {
      daemon.registryDown = false;
    });
  }

  #clockJumps(): void {
    const ms = this.#random.between(-240_000, 3_600_000);
    this.#simulation.ground.time.wallOffset += ms;
    this.#simulation.ground.tell(`the clock is set by ${Math.round(ms)} ms`);
  }
}
