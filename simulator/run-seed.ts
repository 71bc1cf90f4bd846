import { setSurroundings } from './ground/current.ts';
import { Random } from './ground/random.ts';
import { realNow, settled } from './ground/virtual-time.ts';
import { notConverged } from './invariants/converged.ts';
import { sameAfterReplay } from './invariants/same-after-replay.ts';
import { secretsKept } from './invariants/secrets-kept.ts';
import { Faults } from './script/faults.ts';
import { Users } from './script/users.ts';
import { Simulation } from './simulation.ts';

/** What came of one seed. */
export interface Outcome {
  readonly seed: number;
  /** SHA-256 of everything that happened. */
  readonly hash: string;
  readonly violation: { readonly invariant: string; readonly message: string } | null;
  readonly events: number;
  readonly steps: number;
  readonly crashes: number;
  /** Requests of people that were answered. */
  readonly answered: number;
  /** Milliseconds of the world's clock from the end of the faults to rest. */
  readonly restMs: number;
  /** Milliseconds of the world's clock, all in all. */
  readonly worldMs: number;
  /** Of this machine. */
  readonly tookMs: number;
  /** The newest lines of the trace, where something was violated. */
  readonly last: readonly string[];
}

/**
 * The longest that the world may take to come to rest once nothing fails any more: one container that failed again and again
 * may have just begun its longest pause, five minutes, and a minute is left for what follows it.
 */
const restWithinMs = 6 * 60_000;
/** A world that goes on and on is ended. */
const mostSteps = 2_000_000;

/** Lives through one world. Only one at a time in a process: the clocks are the process's own. */
export async function runSeed(seed: number, onLine?: (line: string) => void): Promise<Outcome> {
  const begun = realNow();
  const simulation = new Simulation(seed, onLine);
  const { ground } = simulation;
  const { time } = ground;
  const unhandled = (error: unknown) =>
    ground.fail(
      'nothing-unhandled',
      `a promise was rejected and nobody looked: ${(error as Error)?.stack ?? String(error)}`,
    );
  const warned = (warning: Error) => ground.fail('nothing-warned', warning.stack ?? String(warning));
  process.on('unhandledRejection', unhandled);
  process.on('warning', warned);
  setSurroundings(simulation);
  time.install();
  let restMs = 0;
  try {
    const random = new Random(`story ${seed}`);
    const users = new Users(simulation);
    const faults = new Faults(simulation);
    simulation.start();
    users.settle();
    const roughMs = random.between(60_000, 240_000);
    const everyMs = random.between(1_500, 8_000);
    const act = () => {
      if (time.now < roughMs) users.act();
      time.after(random.between(0.1, 2) * everyMs, act);
    };
    time.after(2_000, act);
    faults.begin();
    await go(simulation, () => time.now >= roughMs);
    users.rough = false;
    faults.stop();
    const calmAt = time.now;
    const atRest = await go(
      simulation,
      () => time.now >= calmAt + restWithinMs,
      1_000,
      () => {
        return notConverged(simulation) === null;
      },
    );
    restMs = time.now - calmAt;
    if (!ground.violation && !atRest) {
      const why = notConverged(simulation);
      ground.fail('converges', `${Math.round(restMs / 1000)} s after the last fault: ${why}`);
    }
    if (!ground.violation) await endWell(simulation);
  } catch (error) {
    ground.fail('nothing-thrown', (error as Error).stack ?? String(error));
  } finally {
    simulation.ground.down = true;
    await settled();
    time.uninstall();
    setSurroundings(null);
    process.off('unhandledRejection', unhandled);
    process.off('warning', warned);
  }
  const { violation } = ground;
  return {
    seed,
    violation: violation && { invariant: violation.invariant, message: violation.message },
    events: simulation.record.events.length,
    steps: time.steps,
    crashes: simulation.crashes,
    answered: simulation.answered,
    restMs,
    worldMs: time.now,
    tookMs: realNow() - begun,
    last: violation ? ground.trace.last : [],
    hash: ground.trace.digest(),
  };
}

/** Until it is over, or at rest. True when at rest. */
async function go(
  { ground }: Simulation,
  over: () => boolean,
  lookEveryMs = 0,
  atRest: () => boolean = () => false,
): Promise<boolean> {
  let look = 0;
  while (!ground.violation && !over()) {
    if (ground.time.steps > mostSteps) ground.fail('comes-to-an-end', `${mostSteps} steps were not enough`);
    if (!(await ground.time.step())) return atRest();
    if (lookEveryMs === 0 || ground.time.now < look) continue;
    look = ground.time.now + lookEveryMs;
    if (atRest()) return true;
  }
  return false;
}

/** The log as it lies there: whole, with everything in it that was promised, and folded it is the state of the server. */
async function endWell(simulation: Simulation): Promise<void> {
  const { cloud, ground, record } = simulation;
  if (!cloud) return;
  let done = false;
  const look = async () => {
    const { seq } = await cloud.log.verify();
    // What is acknowledged while the log is read may not be in what was read.
    const acknowledged = record.acknowledgedSeqs();
    const events = [];
    for await (const piece of cloud.log.readPieces()) events.push(...piece);
    if (events.length < seq) ground.fail('head-contiguous', `the log has ${seq} events, ${events.length} can be read`);
    record.compare(events, acknowledged);
    if (cloud.store.seq <= events.length) sameAfterReplay(ground, cloud.store, events);
    await secretsKept(simulation, cloud);
  };
  look().then(
    () => {
      done = true;
    },
    (error: unknown) => {
      done = true;
      ground.fail('log-opens', `the log cannot be read at the end: ${(error as Error).message}`);
    },
  );
  await go(simulation, () => done);
}
