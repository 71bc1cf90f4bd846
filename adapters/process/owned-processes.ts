import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { OneAtATime } from '../engine/one-at-a-time.ts';
import { killProcess } from './end-process.ts';
import { dropFolder, type ProcessRecord, type ProcessState, readState, tidyFolders } from './process-folder.ts';

/** For what has to be taken away although the caller has given up already. */
const cleanUpMs = 10_000;
const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;

/** For all engines of this Node: two of them may work in the same folder. */
const turns = new OneAtATime();

/** Whether a process may have this name: it becomes that of a folder. */
export function isProcessName(name: string): boolean {
  return safeName.test(name);
}

/** The processes of one cloud, among whatever else is in the state folder. Nothing else is told of or taken away. */
export class OwnedProcesses {
  readonly stateFolder: string;
  readonly #cloudId: string;
  #tidied: Promise<void> | undefined;

  constructor(stateFolder: string, cloudId: string) {
    this.stateFolder = stateFolder;
    this.#cloudId = cloudId;
  }

  folder(name: string): string {
    return join(this.stateFolder, name);
  }

  /** One step after the other for each name. */
  inTurn<T>(name: string, step: () => Promise<T>): Promise<T> {
    return turns.run(this.folder(name), step);
  }

  /** Null where there is none of ours, whatever else has the name. */
  async find(name: string): Promise<ProcessState | null> {
    if (!isProcessName(name)) return null;
    const state = await readState(this.folder(name));
    return state?.record.name === name && this.#isOurs(state.record) ? state : null;
  }

  /** @throws PloinkyError NAME_TAKEN when it is there and not ours */
  async findOrRefuse(name: string): Promise<ProcessState | null> {
    const state = await readState(this.folder(name));
    if (state && !this.#isOurs(state.record)) throw nameTaken(name);
    return state;
  }

  async all(): Promise<readonly ProcessState[]> {
    await this.tidy();
    const names = await readdir(this.stateFolder).catch(() => []);
    const states = await Promise.all(names.map((name) => this.find(name)));
    return states.filter((state) => state !== null);
  }

  /** Once, before anything is begun: what crashed servers left half-way. */
  tidy(): Promise<void> {
    this.#tidied ??= tidyFolders(this.stateFolder);
    return this.#tidied;
  }

  /** Ends what runs of it, then takes its folder away. */
  async drop(state: ProcessState, signal: AbortSignal): Promise<void> {
    await killProcess(this.folder(state.record.name), state, signal);
    await dropFolder(this.stateFolder, state.record);
  }

  /** Whatever the caller still waits for. What has the name by now, if it is of another start, stays. */
  async takeAway({ name, startId }: ProcessRecord): Promise<void> {
    const state = await readState(this.folder(name));
    if (state?.record.startId === startId) await this.drop(state, AbortSignal.timeout(cleanUpMs));
  }

  #isOurs({ labels }: ProcessRecord): boolean {
    return labels['ploinky.cloud'] === this.#cloudId;
  }
}

export function nameTaken(name: string): PloinkyError {
  return new PloinkyError('NAME_TAKEN', `A process named ${name} exists and does not belong to this cloud.`);
}
