import { readdirSync, readFileSync, renameSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { standingJson } from '../http/http-server.ts';
import { isTaskId } from '../names.ts';
import { failed, firstLine, type Outcome } from '../outcome.ts';
import { BadRequest, readTask, type Task } from '../task.ts';
import type { TaskDesk } from '../task-desk.ts';
import { FolderWatch } from './folder-watch.ts';
import { makeFolders, type QueueLayout } from './queue-layout.ts';

/** A file that is no JSON may be one that somebody still writes; after this it is taken for what it is. */
const halfWrittenMs = 1_000;
/** Between two attempts to store an outcome, for example on a full disk. */
const storeAgainMs = 1_000;

/**
 * The queue side of AgentCore. Files are small and local, so they are read and written synchronously: that is several
 * times quicker than a detour over Node's thread pool.
 */
export class QueueServer {
  readonly #layout: QueueLayout;
  readonly #desk: TaskDesk;
  readonly #bootId: string;
  readonly #tasks: FolderWatch;
  readonly #urgent: FolderWatch;
  /** Claimed here and not yet stored. */
  readonly #claimed = new Set<string>();
  readonly #rechecks = new Set<string>();
  #stopping = false;

  constructor(layout: QueueLayout, desk: TaskDesk, bootId: string) {
    this.#layout = layout;
    this.#desk = desk;
    this.#bootId = bootId;
    this.#tasks = new FolderWatch(layout.tasks, (name, announced) => this.#taskFound(name, announced));
    this.#urgent = new FolderWatch(layout.urgent, (name) => this.#cancelFound(name));
  }

  /** Throws when the folders cannot be made. */
  start(): void {
    makeFolders(this.#layout);
    this.#settleLeftovers();
    this.#urgent.start();
    this.#tasks.start();
  }

  /**
   * Claims nothing more; what runs can still be cancelled, and its outcomes are stored. Files that wait are left to the
   * next start.
   */
  stop(): void {
    this.#stopping = true;
    this.#tasks.close();
  }

  /** Outcomes that are not stored yet. */
  get pending(): number {
    return this.#claimed.size;
  }

  /** Tasks that a former process had claimed: they may have run, and nobody knows how far. */
  #settleLeftovers(): void {
    for (const id of readdirSync(this.#layout.locks).filter(isTaskId)) {
      if (!exists(join(this.#layout.results, id)) && !exists(join(this.#layout.errors, id))) {
        const lost = failed('TASK_OUTCOME_UNKNOWN', 'The agent ended while the task was under way.');
        this.#desk.settle(id, lost);
        this.#store(id, lost);
      } else remove(join(this.#layout.locks, id));
    }
  }

  #taskFound(name: string, announced: boolean): boolean {
    if (this.#stopping) return false;
    if (name.endsWith('.lookup')) return this.#answerLookup(name);
    if (!isTaskId(name)) return false;
    const file = join(this.#layout.tasks, name);
    // Notices come for names that leave the folder, too, and a read that fails is dear.
    if (this.#claimed.has(name) && !exists(file)) return false;
    try {
      const text = readFileSync(file, 'utf8');
      const task = this.#read(name, text, file);
      if (task === null) return false;
      renameSync(file, join(this.#layout.locks, name));
      if (this.#claimed.has(name)) return true;
      this.#claimed.add(name);
      this.#execute(name, task, announced ? null : this.#expired(name, task));
      return true;
    } catch (error) {
      if (!isGone(error)) process.stderr.write(`AgentCore: the task ${name} cannot be claimed: ${firstLine(error)}\n`);
      return false;
    }
  }

  /** null = look again later. */
  #read(id: string, text: string, file: string): Task | Outcome | null {
    try {
      return readTask(text, id);
    } catch (error) {
      if (!(error instanceof BadRequest)) throw error;
      if (Date.now() - statSync(file).mtimeMs < halfWrittenMs) {
        this.#recheck(id);
        return null;
      }
      return failed('PAYLOAD_INVALID', error.message);
    }
  }

  #recheck(id: string): void {
    if (this.#rechecks.has(id)) return;
    this.#rechecks.add(id);
    setTimeout(() => {
      this.#rechecks.delete(id);
      this.#taskFound(id, true);
    }, halfWrittenMs);
  }

  /** A task whose caller gave up while no agent ran must not run out of the blue hours later. */
  #expired(id: string, task: Task | Outcome): Outcome | null {
    if ('success' in task) return null;
    const waited = Date.now() - statSync(join(this.#layout.locks, id)).mtimeMs;
    if (waited <= task.timeoutMs) return null;
    return failed('TASK_TIMEOUT', `${task.command} waited in the queue beyond its ${task.timeoutMs} ms and never ran.`);
  }

  #execute(id: string, task: Task | Outcome, expired: Outcome | null): void {
    const settled = 'success' in task ? task : expired;
    if (settled) this.#desk.settle(id, settled);
    if (settled || 'success' in task) this.#store(id, settled as Outcome);
    else void Promise.resolve(this.#desk.submit(task)).then((outcome) => this.#store(id, outcome));
  }

  #store(id: string, outcome: Outcome): void {
    const { results, errors, locks, legacy } = this.#layout;
    try {
      if (outcome.success) this.#write(results, id, outcome.body);
      else if (legacy) this.#writeLegacyError(id, outcome.body);
      else this.#write(errors, id, outcome.body);
      unlink(join(locks, id));
      this.#claimed.delete(id);
    } catch (error) {
      process.stderr.write(`AgentCore: the outcome of ${id} cannot be stored yet: ${firstLine(error)}\n`);
      setTimeout(() => this.#store(id, outcome), storeAgainMs);
    }
  }

  /** `tasks/<id>.<nonce>.lookup` asks what became of `<id>`; the answer is `results/<same name>`. */
  #answerLookup(name: string): boolean {
    const id = name.split('.').slice(0, -2).join('.');
    const file = join(this.#layout.tasks, name);
    if (!exists(file)) return false;
    try {
      if (isTaskId(id)) this.#write(this.#layout.results, name, standingJson(this.#desk.standing(id), this.#bootId));
      remove(file);
      return true;
    } catch {
      return false; // asked again at the next look
    }
  }

  #cancelFound(name: string): boolean {
    const file = join(this.#layout.urgent, name);
    if (!isTaskId(name) || !exists(file)) return false;
    this.#desk.cancel(name);
    remove(file);
    // If it still waits, it is claimed now, and ends with the outcome that was just remembered.
    this.#taskFound(name, true);
    return true;
  }

  #writeLegacyError(id: string, body: string): void {
    const { results, errors } = this.#layout;
    const { code, message, details } = JSON.parse(body) as { code: string; message: string; details: unknown };
    if (code === 'TASK_CANCELLED') this.#write(results, id, '{"cancelled":true}');
    else this.#write(errors, id, JSON.stringify({ error: true, message, code, details }));
  }

  /**
   * Appears whole or not at all. It is written where nobody watches, which spares the waiter three notices a file. Not
   * synced: after a power failure the agent is another one (bootId), and whoever asks is told that the outcome is
   * unknown, whether or not the file survived.
   */
  #write(folder: string, name: string, text: string): void {
    const fresh = join(this.#layout.locks, `${name}.intermediate`);
    writeFileSync(fresh, text);
    renameSync(fresh, join(folder, name));
  }
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

function remove(file: string): void {
  rmSync(file, { force: true, recursive: true });
}

/** As `remove`, at a fraction of its price, for what is a file and is there. */
function unlink(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    remove(file);
  }
}

function isGone(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
