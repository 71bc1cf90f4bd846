import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type {
  ContainerSpec,
  Engine,
  EngineNotice,
  Mount,
  ObservedContainer,
  RunOutcome,
  StartedContainer,
} from '../engine/engine-port.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import { launch } from './launch.ts';
import { limitLog, makeMounts, tailOf } from './process-files.ts';
import { type ProcessState, readState } from './process-folder.ts';
import { endGroup, signalProcess } from './process-identity.ts';
import { pause, until } from './until.ts';

export interface ProcessEngineOptions {
  /** `<data>/process`; named volumes go to `<data>/volumes`. */
  readonly stateFolder: string;
  readonly cloudId: string;
}

/** Said wherever somebody may mistake a process for a container. */
export const noIsolation =
  'Agents run as child processes of this user: no isolation, no limits of memory, CPU or network are enforced.';

const lookEveryMs = 250;
const outputBytes = 64 * 1024;
const safeName = /^[a-z0-9][a-z0-9._-]{0,200}$/;

/** Runs agents with nothing but Node and a POSIX shell. They survive the server and are adopted by the next one. */
export function createProcessEngine(options: ProcessEngineOptions): Engine {
  return new ProcessEngine(options);
}

class ProcessEngine implements Engine {
  readonly name = 'process';
  readonly endpoint = 'child processes, no isolation';
  readonly #options: ProcessEngineOptions;
  readonly #turns = new OneAtATime();
  readonly #watches = new Set<NodeJS.Timeout>();

  constructor(options: ProcessEngineOptions) {
    this.#options = options;
  }

  async version(): Promise<string> {
    return `Node ${process.version}`;
  }

  async resolveImage() {
    return { reference: null, imageId: null, digest: null };
  }

  start(spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    return this.#turns.run(spec.name, async () => {
      const folder = this.#folder(spec.name);
      const state = await this.#owned(folder, spec.name);
      if (state?.running && state.record.specHash === spec.specHash) return adopted(state);
      if (state) await this.#end(folder, state, 0);
      await rm(folder, { recursive: true, force: true });
      const sourceOf = (mount: Mount) => this.#sourceOf(mount);
      await makeMounts(spec, sourceOf);
      const started = await launch(folder, spec, sourceOf, signal);
      return { engineId: engineId(started), adopted: false, hostPort: started.record.hostPort };
    });
  }

  async runOnce(
    spec: ContainerSpec,
    { signal, onOutput }: { signal: AbortSignal; onOutput?: (chunk: string) => void },
  ): Promise<RunOutcome> {
    const folder = this.#folder(spec.name);
    await this.remove(spec.name);
    try {
      await this.start(spec, signal);
      const ended = await until(lookEveryMs / 5, signal, async () => {
        const state = await readState(folder);
        return state?.running ? undefined : { exitCode: state?.exitCode ?? null };
      });
      const output = await tailOf(join(folder, 'output.log'), outputBytes);
      onOutput?.(output);
      return { ...ended, output };
    } finally {
      await this.remove(spec.name);
    }
  }

  stop(
    name: string,
    { graceMs }: { graceMs: number; signal: AbortSignal },
  ): Promise<{ exitCode: number | null } | null> {
    return this.#turns.run(name, async () => {
      const folder = this.#folder(name);
      const state = await this.#owned(folder, name).catch(() => null);
      if (!state) return null;
      if (!state.running) return { exitCode: state.exitCode };
      return this.#end(folder, state, graceMs);
    });
  }

  remove(name: string): Promise<boolean> {
    return this.#turns.run(name, async () => {
      const folder = this.#folder(name);
      const state = await this.#owned(folder, name).catch(() => null);
      if (!state) return false;
      await this.#end(folder, state, 0);
      await rm(folder, { recursive: true, force: true });
      return true;
    });
  }

  async list(): Promise<readonly ObservedContainer[]> {
    const names = await readdir(this.#options.stateFolder).catch(() => []);
    const states = await Promise.all(names.filter((n) => safeName.test(n)).map((n) => readState(this.#folder(n))));
    return states.flatMap((state) => (state && this.#isOurs(state) ? [observed(state)] : []));
  }

  async output(name: string, { tailLines }: { tailLines: number; signal: AbortSignal }): Promise<string> {
    const text = await tailOf(join(this.#folder(name), 'output.log'), 1024 * 1024);
    const lines = text.split('\n');
    const last = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
    return last.slice(-tailLines).join('\n');
  }

  /** Asks again and again: an adopted process has no parent here that would be told of its end. */
  watch(listener: (notice: EngineNotice) => void): { close(): void } {
    let before = new Map<string, string>();
    let looking = false;
    const timer = setInterval(async () => {
      if (looking) return;
      looking = true;
      const seen = new Map(
        (await this.list().catch(() => [])).map((one) => [one.name, `${one.engineId} ${one.status}`]),
      );
      for (const name of new Set([...before.keys(), ...seen.keys()])) {
        if (before.get(name) !== seen.get(name)) listener({ kind: 'changed', name });
        await limitLog(join(this.#folder(name), 'output.log')).catch(() => {});
      }
      before = seen;
      looking = false;
    }, lookEveryMs);
    timer.unref();
    this.#watches.add(timer);
    return {
      close: () => {
        clearInterval(timer);
        this.#watches.delete(timer);
      },
    };
  }

  async close(): Promise<void> {
    for (const timer of this.#watches) clearInterval(timer);
    this.#watches.clear();
  }

  /** SIGTERM to the program, the grace, then SIGKILL to everything that it started. */
  async #end(folder: string, state: ProcessState, graceMs: number): Promise<{ exitCode: number | null }> {
    const { identity } = state;
    if (!identity) return { exitCode: state.exitCode };
    if (graceMs > 0 && (await signalProcess(identity, 'SIGTERM', 'process'))) {
      const until = performance.now() + graceMs;
      while ((await readState(folder))?.running && performance.now() < until) await pause(10);
    }
    const forced = await signalProcess(identity, 'SIGKILL', 'group');
    while ((await readState(folder))?.running) await pause(5);
    if (state.running) endGroup(identity);
    const exitCode = (await readState(folder))?.exitCode ?? null;
    return { exitCode: exitCode ?? (forced ? 137 : null) };
  }

  async #owned(folder: string, name: string): Promise<ProcessState | null> {
    const state = await readState(folder);
    if (!state || this.#isOurs(state)) return state;
    throw new PloinkyError('NAME_TAKEN', `A process named ${name} belongs to another cloud.`);
  }

  #isOurs(state: ProcessState): boolean {
    return state.record.labels['ploinky.cloud'] === this.#options.cloudId;
  }

  #folder(name: string): string {
    if (!safeName.test(name) || basename(name) !== name) {
      throw new PloinkyError('ENGINE_FAILED', `${JSON.stringify(name)} is no name for a process.`);
    }
    return join(this.#options.stateFolder, name);
  }

  #sourceOf(mount: Mount): string {
    if (mount.kind === 'bind') return mount.source;
    return join(dirname(this.#options.stateFolder), 'volumes', mount.source);
  }
}

function adopted(state: ProcessState): StartedContainer {
  return { engineId: engineId(state), adopted: true, hostPort: state.record.hostPort };
}

function engineId({ identity }: ProcessState): string {
  return identity ? `${identity.pid}.${identity.started}` : 'ended';
}

function observed(state: ProcessState): ObservedContainer {
  const { record, running, exitCode } = state;
  return {
    name: record.name,
    engineId: engineId(state),
    deployment: record.labels['ploinky.deployment'],
    release: Number(record.labels['ploinky.release']),
    specHash: record.specHash,
    status: running ? 'running' : 'exited',
    exitCode,
    oomKilled: false,
    hostPort: record.hostPort,
  };
}
