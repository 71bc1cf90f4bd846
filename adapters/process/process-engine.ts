import { randomBytes } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
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
  Mount,
  ObservedContainer,
  ResolvedImage,
  RunOutcome,
  StartedContainer,
} from '../engine/engine-port.ts';
import { noIsolation } from '../engine/isolation.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import type { FollowOptions, FollowOutcome, TakeLines } from '../engine/output-line.ts';
import { TextTail } from '../engine/text-tail.ts';
import { childEnvironment } from './child-environment.ts';
import { killProcess, stopProcess } from './end-process.ts';
import { execBeside } from './exec-beside.ts';
import { requireProgram } from './find-program.ts';
import { followProcess } from './follow-process.ts';
import { freePort } from './free-port.ts';
import { launch } from './launch.ts';
import { mapPaths } from './map-paths.ts';
import { makeMountFolders } from './mount-folders.ts';
import { environmentNames, inspected, observed, started } from './observed-process.ts';
import {
  bootId,
  dropFolder,
  type ProcessRecord,
  type ProcessState,
  placeFolder,
  readState,
  tidyFolders,
} from './process-folder.ts';
import { signalMembers } from './process-members.ts';
import { lastOutput, limitOutput, OutputReader } from './process-output.ts';
import { processStats } from './process-stats.ts';
import { ProcessVolumes } from './process-volumes.ts';
import { ProcessWatch } from './process-watch.ts';
import { until } from './until.ts';

export interface ProcessEngineOptions {
  /** `<data>/process`; named volumes go to `<data>/volumes`. One server at a time works in it. */
  readonly stateFolder: string;
  readonly cloudId: string;
}

const outputBytes = 64 * 1024;
const followEveryMs = 25;
/** For what has to be taken away although the caller has given up already. */
const cleanUpMs = 10_000;
const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;

/** For all engines of this Node: two of them may work in the same folder. */
const turns = new OneAtATime();

/** Runs agents with nothing but Node and a POSIX shell. They survive the server and are adopted by the next one. */
export function createProcessEngine(options: ProcessEngineOptions): Engine {
  return new ProcessEngine(options);
}

class ProcessEngine implements Engine {
  readonly name = 'process';
  readonly endpoint = 'child processes, no isolation';
  readonly networks = null;
  readonly volumes: ProcessVolumes;
  readonly #stateFolder: string;
  readonly #cloudId: string;
  readonly #watches = new Set<ProcessWatch>();
  #tidied: Promise<void> | undefined;

  constructor({ stateFolder, cloudId }: ProcessEngineOptions) {
    this.#stateFolder = stateFolder;
    this.volumes = new ProcessVolumes(join(dirname(stateFolder), 'volumes'));
    this.#cloudId = cloudId;
  }

  async version(): Promise<string> {
    return `Node ${process.version}`;
  }

  async resolveImage(
    _reference: string | null,
    { onProgress }: { signal: AbortSignal; onProgress?: (line: string) => void },
  ): Promise<ResolvedImage> {
    onProgress?.(noIsolation);
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
      const state = await this.#owned(spec.name);
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
      this.#startAnew(spec, await this.#owned(spec.name), given, false),
    );
    const folder = join(this.#stateFolder, spec.name);
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
      await this.#takeAway(record);
    }
  }

  async stop(
    name: string,
    { graceMs, signal }: { graceMs: number; signal: AbortSignal },
  ): Promise<{ exitCode: number | null } | null> {
    if (!safeName.test(name)) return null;
    return this.#inTurn(name, `stop ${name}`, signal, async (given) => {
      const state = await this.#ours(name);
      if (!state) return null;
      return { exitCode: await stopProcess(this.#folder(name), state, { graceMs, signal: given }) };
    });
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    if (!safeName.test(name)) return false;
    return this.#inTurn(name, `remove ${name}`, signal, async (given) => {
      const state = await this.#ours(name);
      if (!state) return false;
      await this.#drop(state, given);
      return true;
    });
  }

  list(signal: AbortSignal): Promise<readonly ObservedContainer[]> {
    return within('list processes', signal, async () => (await this.#allOurs()).map(observed));
  }

  async inspect(name: string, signal: AbortSignal): Promise<InspectedContainer | null> {
    return within(`inspect ${name}`, signal, async () => {
      const state = safeName.test(name) ? await this.#ours(name) : null;
      return state ? inspected(state, await environmentNames(state)) : null;
    });
  }

  async output(name: string, { tailLines }: { tailLines: number; signal: AbortSignal }): Promise<string> {
    const state = safeName.test(name) ? await this.#ours(name) : null;
    return state ? lastOutput(this.#folder(name), tailLines) : '';
  }

  follow(name: string, options: FollowOptions, take: TakeLines): Promise<FollowOutcome> {
    if (!safeName.test(name)) return Promise.resolve('gone');
    return within(`follow ${name}`, options.signal, (signal) =>
      followProcess(this.#folder(name), () => this.#ours(name), { ...options, signal }, take),
    );
  }

  exec(name: string, command: string, { timeoutMs, signal }: ExecOptions): Promise<ExecOutcome | null> {
    return within(`run a command in ${name}`, signal, async (given) => {
      const state = safeName.test(name) ? await this.#ours(name) : null;
      return state?.running ? execBeside(state, command, { timeoutMs, signal: given }) : null;
    });
  }

  async resume(name: string, signal: AbortSignal): Promise<boolean> {
    return within(`resume ${name}`, signal, async () => {
      const state = safeName.test(name) ? await this.#ours(name) : null;
      if (!state?.running) return false;
      await signalMembers(state.record.startId, 'SIGCONT');
      return true;
    });
  }

  stats(name: string, signal: AbortSignal): Promise<ContainerStats | null> {
    return within(`look at ${name}`, signal, async () => {
      const state = safeName.test(name) ? await this.#ours(name) : null;
      return state && processStats(state);
    });
  }

  watch(listener: (notice: EngineNotice) => void): { close(): void } {
    const watch = new ProcessWatch({
      stateFolder: this.#stateFolder,
      look: () => this.#allOurs(),
      listener,
      patrol: (name) => limitOutput(this.#folder(name)),
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
    await this.#tidy();
    if (spec.command.length === 0) throw nothingToRun(spec.name);
    if (before) await this.#drop(before, signal);
    const sourceOf = (mount: Mount) => this.#sourceOf(mount);
    const { command, environment: mapped, workingDirectory } = mapPaths(spec, sourceOf);
    // A secret is nothing that could be a path of ours: it stays as it is.
    const wanted = { ...mapped, ...spec.secrets };
    const startId = randomBytes(8).toString('hex');
    const hostPort = spec.publishPort === null ? null : await freePort();
    const server = { variables: process.env, home: homedir(), temporary: tmpdir(), node: process.execPath };
    const environment = childEnvironment(wanted, hostPort, startId, server);
    await makeMountFolders(spec, sourceOf);
    await requireProgram(spec.name, command[0] ?? '', workingDirectory, environment.PATH ?? '');
    const { name, labels, specHash } = spec;
    const mounts = spec.mounts.map((mount) => ({ target: mount.target, source: sourceOf(mount) }));
    const record = { name, startId, labels, specHash, hostPort, workingDirectory, mounts, boot: await bootId() };
    await mkdir(this.#stateFolder, { recursive: true, mode: 0o700 });
    signal.throwIfAborted();
    if (!(await placeFolder(this.#stateFolder, record))) throw nameTaken(name);
    try {
      const folder = this.#folder(name);
      await launch({ name, folder, startId, command, environment, workingDirectory, parted, signal });
      signal.throwIfAborted();
    } catch (error) {
      await this.#takeAwayNow(record);
      throw error;
    }
    return record;
  }

  async #drop(state: ProcessState, signal: AbortSignal): Promise<void> {
    await killProcess(this.#folder(state.record.name), state, signal);
    await dropFolder(this.#stateFolder, state.record);
  }

  /** Whatever the caller still waits for. What has the name by now, if it is of another start, stays. */
  #takeAway(record: ProcessRecord): Promise<void> {
    return turns.run(this.#folder(record.name), () => this.#takeAwayNow(record));
  }

  async #takeAwayNow({ name, startId }: ProcessRecord): Promise<void> {
    const state = await readState(this.#folder(name));
    if (state?.record.startId === startId) await this.#drop(state, AbortSignal.timeout(cleanUpMs));
  }

  /** One call after the other for each name. Settles when the caller gives up; what it has begun is still brought to an end. */
  #inTurn<T>(name: string, what: string, signal: AbortSignal, step: (given: AbortSignal) => Promise<T>): Promise<T> {
    if (!safeName.test(name)) {
      return Promise.reject(new PloinkyError('START_FAILED', `${quote(name)} cannot be the name of a process.`));
    }
    return within(what, signal, (given) =>
      turns.run(this.#folder(name), () => {
        given.throwIfAborted();
        return step(given);
      }),
    );
  }

  /** @throws PloinkyError NAME_TAKEN when it is there and not ours */
  async #owned(name: string): Promise<ProcessState | null> {
    const state = await readState(this.#folder(name));
    if (state && !this.#isOurs(state.record)) throw nameTaken(name);
    return state;
  }

  async #ours(name: string): Promise<ProcessState | null> {
    const state = await readState(this.#folder(name));
    return state?.record.name === name && this.#isOurs(state.record) ? state : null;
  }

  async #allOurs(): Promise<readonly ProcessState[]> {
    await this.#tidy();
    const names = (await readdir(this.#stateFolder).catch(() => [])).filter((name) => safeName.test(name));
    const states = await Promise.all(names.map((name) => this.#ours(name)));
    return states.filter((state) => state !== null);
  }

  #isOurs({ labels }: ProcessRecord): boolean {
    return labels['ploinky.cloud'] === this.#cloudId;
  }

  #tidy(): Promise<void> {
    this.#tidied ??= tidyFolders(this.#stateFolder);
    return this.#tidied;
  }

  #folder(name: string): string {
    return join(this.#stateFolder, name);
  }

  #sourceOf({ kind, source }: Mount): string {
    return kind === 'bind' ? source : this.volumes.place(source);
  }
}

function within<T>(what: string, signal: AbortSignal, step: (given: AbortSignal) => Promise<T>): Promise<T> {
  return withDeadline({ signal, ms: null, who: 'The process engine', what }, step);
}

/** The error that every engine gives when its caller has given up. */
async function aborted(what: string, signal: AbortSignal): Promise<unknown> {
  return within(what, signal, async () => undefined).catch((error: unknown) => error);
}

function nothingToRun(name: string): PloinkyError {
  return new PloinkyError('START_FAILED', `${name} cannot be started: plain processes have no image with a command.`, {
    hint: 'Say in the manifest what to run, for example "run": "node server.js".',
  });
}

function nameTaken(name: string): PloinkyError {
  return new PloinkyError('NAME_TAKEN', `A process named ${name} exists and does not belong to this cloud.`);
}
