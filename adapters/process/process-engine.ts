import { dirname, join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { ContainerStats } from '../engine/container-stats.ts';
import { withDeadline } from '../engine/deadline.ts';
import type {
  ContainerSpec,
  Engine,
  EngineNotice,
  ExecOptions,
  ExecOutcome,
  InspectedContainer,
  ObservedContainer,
  ResolvedImage,
  RunOutcome,
  StartedContainer,
} from '../engine/engine-port.ts';
import type { FollowOptions, FollowOutcome, TakeLines } from '../engine/output-line.ts';
import { TextTail } from '../engine/text-tail.ts';
import { stopProcess } from './end-process.ts';
import { execBeside } from './exec-beside.ts';
import { followProcess } from './follow-process.ts';
import { environmentNames, inspected, observed, started } from './observed-process.ts';
import { isProcessName, OwnedProcesses } from './owned-processes.ts';
import { type ProcessRecord, type ProcessState, readState } from './process-folder.ts';
import { signalMembers } from './process-members.ts';
import { lastOutput, limitOutput, OutputReader } from './process-output.ts';
import { processStats } from './process-stats.ts';
import { ProcessVolumes } from './process-volumes.ts';
import { ProcessWatch } from './process-watch.ts';
import { nothingToRun, startProcess } from './start-process.ts';
import { until } from './until.ts';

export interface ProcessEngineOptions {
  /** `<data>/process`; named volumes go to `<data>/volumes`. One server at a time works in it. */
  readonly stateFolder: string;
  readonly cloudId: string;
}

const outputBytes = 64 * 1024;
const followEveryMs = 25;

/** Runs agents with nothing but Node and a POSIX shell. They survive the server and are adopted by the next one. */
export function createProcessEngine(options: ProcessEngineOptions): Engine {
  return new ProcessEngine(options);
}

class ProcessEngine implements Engine {
  readonly name = 'process';
  readonly endpoint = 'child processes, no isolation';
  readonly networks = null;
  readonly volumes: ProcessVolumes;
  readonly #processes: OwnedProcesses;
  readonly #watches = new Set<ProcessWatch>();

  constructor({ stateFolder, cloudId }: ProcessEngineOptions) {
    this.#processes = new OwnedProcesses(stateFolder, cloudId);
    this.volumes = new ProcessVolumes(join(dirname(stateFolder), 'volumes'));
  }

  async version(): Promise<string> {
    return `Node ${process.version}`;
  }

  async resolveImage(): Promise<ResolvedImage> {
    return { reference: null, imageId: null, digest: null };
  }

  async importHostImage() {
    return { reference: null, imageId: null, digest: null };
  }

  async images(): Promise<readonly []> {
    return [];
  }

  async removeImage(): Promise<boolean> {
    return false;
  }

  start(spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer> {
    return this.#inTurn(spec.name, `start ${spec.name}`, signal, async (given) => {
      const state = await this.#processes.findOrRefuse(spec.name);
      if (state?.running && state.record.specHash === spec.specHash) return started(state.record, true);
      return started(await this.#startAnew(spec, state, given, true), false);
    });
  }

  async runOnce(
    spec: ContainerSpec,
    { signal, onOutput }: { signal: AbortSignal; onOutput?: (chunk: string) => void },
  ): Promise<RunOutcome> {
    const what = `run ${spec.name}`;
    const record = await this.#inTurn(spec.name, what, signal, async (given) =>
      this.#startAnew(spec, await this.#processes.findOrRefuse(spec.name), given, false),
    );
    const folder = this.#processes.folder(spec.name);
    const tail = new TextTail(outputBytes);
    const reader = new OutputReader(folder);
    const readOn = () =>
      reader.readOn((text) => {
        tail.push(text);
        onOutput?.(text);
      });
    try {
      const exitCode = await until(followEveryMs, signal, async () => {
        const state = await readState(folder);
        await readOn();
        return state?.running ? undefined : { is: state?.exitCode ?? null };
      });
      return { exitCode: exitCode.is, output: tail.text() };
    } catch (error) {
      throw signal.aborted ? await aborted(what, signal) : error;
    } finally {
      await this.#processes.inTurn(spec.name, () => this.#processes.takeAway(record));
    }
  }

  async stop(
    name: string,
    { graceMs, signal }: { graceMs: number; signal: AbortSignal },
  ): Promise<{ exitCode: number | null } | null> {
    if (!isProcessName(name)) return null;
    return this.#inTurn(name, `stop ${name}`, signal, async (given) => {
      const state = await this.#processes.find(name);
      if (!state) return null;
      return { exitCode: await stopProcess(this.#processes.folder(name), state, { graceMs, signal: given }) };
    });
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    if (!isProcessName(name)) return false;
    return this.#inTurn(name, `remove ${name}`, signal, async (given) => {
      const state = await this.#processes.find(name);
      if (!state) return false;
      await this.#processes.drop(state, given);
      return true;
    });
  }

  list(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
    return within('list processes', signal, async () => (await this.#processes.all()).map(observed));
  }

  async inspect(name: string, signal: AbortSignal): Promise<InspectedContainer | null> {
    return within(`inspect ${name}`, signal, async () => {
      const state = await this.#processes.find(name);
      return state ? inspected(state, await environmentNames(state)) : null;
    });
  }

  async output(name: string, { tailLines }: { tailLines: number; signal: AbortSignal }): Promise<string> {
    const state = await this.#processes.find(name);
    return state ? lastOutput(this.#processes.folder(name), tailLines) : '';
  }

  follow(name: string, options: FollowOptions, take: TakeLines): Promise<FollowOutcome> {
    if (!isProcessName(name)) return Promise.resolve('gone');
    return within(`follow ${name}`, options.signal, (signal) =>
      followProcess(this.#processes.folder(name), () => this.#processes.find(name), { ...options, signal }, take),
    );
  }

  exec(name: string, command: string, { timeoutMs, signal }: ExecOptions): Promise<ExecOutcome | null> {
    return within(`run a command in ${name}`, signal, async (given) => {
      const state = await this.#processes.find(name);
      return state?.running ? execBeside(state, command, { timeoutMs, signal: given }) : null;
    });
  }

  async resume(name: string, signal: AbortSignal): Promise<boolean> {
    return within(`resume ${name}`, signal, async () => {
      const state = await this.#processes.find(name);
      if (!state?.running) return false;
      await signalMembers(state.record.startId, 'SIGCONT');
      return true;
    });
  }

  stats(name: string, signal: AbortSignal): Promise<ContainerStats | null> {
    return within(`look at ${name}`, signal, async () => {
      const state = await this.#processes.find(name);
      return state && processStats(state);
    });
  }

  watch(listener: (notice: EngineNotice) => void): { close(): void } {
    const watch = new ProcessWatch({
      stateFolder: this.#processes.stateFolder,
      look: () => this.#processes.all(),
      listener,
      patrol: (name) => limitOutput(this.#processes.folder(name)),
    });
    this.#watches.add(watch);
    return {
      close: () => {
        this.#watches.delete(watch);
        watch.close();
      },
    };
  }

  async close(): Promise<void> {
    for (const watch of this.#watches) watch.close();
    this.#watches.clear();
  }

  /** @param before what has the name so far; it goes @param parted stderr goes into a file of its own */
  async #startAnew(
    spec: ContainerSpec,
    before: ProcessState | null,
    signal: AbortSignal,
    parted: boolean,
  ): Promise<ProcessRecord> {
    await this.#processes.tidy();
    if (spec.command.length === 0) throw nothingToRun(spec.name);
    if (before) await this.#processes.drop(before, signal);
    return startProcess(spec, { processes: this.#processes, volumes: this.volumes, parted, signal });
  }

  /** One call after the other for each name. Settles when the caller gives up; what it has begun is still brought to an end. */
  #inTurn<T>(name: string, what: string, signal: AbortSignal, step: (given: AbortSignal) => Promise<T>): Promise<T> {
    if (!isProcessName(name)) {
      return Promise.reject(new PloinkyError('START_FAILED', `${quote(name)} cannot be the name of a process.`));
    }
    return within(what, signal, (given) =>
      this.#processes.inTurn(name, () => {
        given.throwIfAborted();
        return step(given);
      }),
    );
  }
}

function within<T>(what: string, signal: AbortSignal, step: (given: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline({ signal, ms: null, who: 'The process engine', what }, step);
}

/** The error that every engine gives when its caller has given up. */
async function aborted(what: string, signal: AbortSignal): Promise<unknown> {
  return within(what, signal, async () => undefined).catch((error: unknown) => error);
}
