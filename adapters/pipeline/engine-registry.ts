import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Engine, EngineName } from '../engine/engine-port.ts';

/** Finds an engine on this machine, or says why there is none. Called again after a failure. */
export type FindEngine = (signal: AbortSignal) => Promise<Engine>;

const order: readonly EngineName[] = ['docker', 'podman', 'process'];
/** A busy machine's engine takes its time; one that is not there says so at once. */
const answerWithinMs = 15_000;

/** The engines of this machine, each found when it is first wanted. */
export class EngineRegistry {
  readonly #finders: Readonly<Record<EngineName, FindEngine>>;
  readonly #onConnected: (engine: Engine, version: string) => void;
  readonly #found = new Map<EngineName, Promise<Engine>>();

  constructor(
    finders: Readonly<Record<EngineName, FindEngine>>,
    onConnected: (engine: Engine, version: string) => void,
  ) {
    this.#finders = finders;
    this.#onConnected = onConnected;
  }

  /** @throws PloinkyError ENGINE_UNAVAILABLE, ENGINE_UNKNOWN */
  async get(name: string): Promise<Engine> {
    if (!isEngineName(name)) throw new PloinkyError('ENGINE_UNKNOWN', `There is no engine named ${name}.`);
    const known = this.#found.get(name);
    if (known) return known;
    const connecting = this.#connect(name);
    this.#found.set(name, connecting);
    // A failure is not remembered: the engine may be started any moment.
    connecting.catch(() => this.#found.delete(name));
    return connecting;
  }

  /**
   * The setting's engine, or the best that is there: Docker, Podman, process. One that is there but does not answer is
   * an error, not a reason to run agents with less isolation. @throws ENGINE_UNAVAILABLE, ENGINE_TIMEOUT
   */
  async choose(setting: string): Promise<Engine> {
    const reasons: string[] = [];
    for (const name of setting === 'auto' ? order : [setting]) {
      try {
        const engine = await this.get(name);
        await engine.version(AbortSignal.timeout(answerWithinMs));
        return engine;
      } catch (error) {
        if (setting !== 'auto' || !isPloinkyError(error, 'ENGINE_UNAVAILABLE')) throw error;
        reasons.push(`${name}: ${(error as Error).message}`);
      }
    }
    throw new PloinkyError('ENGINE_UNAVAILABLE', `No engine answers. ${reasons.join(' ')}`);
  }

  async close(): Promise<void> {
    const engines = await Promise.allSettled(this.#found.values());
    await Promise.all(engines.map((engine) => (engine.status === 'fulfilled' ? engine.value.close() : undefined)));
  }

  async #connect(name: EngineName): Promise<Engine> {
    const signal = AbortSignal.timeout(answerWithinMs);
    const engine = await this.#finders[name](signal);
    this.#onConnected(engine, await engine.version(signal));
    return engine;
  }
}

function isEngineName(name: string): name is EngineName {
  return (order as readonly string[]).includes(name);
}
