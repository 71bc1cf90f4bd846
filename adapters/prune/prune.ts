import { rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withDeadline } from '../../core/clock/deadline.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import { choosing } from '../../decisions/needed-releases.ts';
import { needlessPins, type PrunePlan, planPrune } from '../../decisions/plan-prune.ts';
import type { PruneItem } from '../../projections/prunes.ts';
import { InstallCache } from '../pipeline/install/install-cache.ts';
import type { World } from '../pipeline/world.ts';
import { storedThings } from './stored-things.ts';

export interface PruneReport {
  readonly dryRun: boolean;
  /** Of each deployment that can be rolled back to. */
  readonly releases: number;
  /** What goes, or went. */
  readonly items: readonly PruneItem[];
  /** Sum of those. */
  readonly bytes: number;
  /** What was to go and did not. */
  readonly left: readonly Left[];
  /** Images of ours that nobody needs and that stay. */
  readonly kept: PrunePlan['kept'];
}

interface Left {
  readonly kind: string;
  readonly id: string;
  readonly reason: string;
}

/** Of one event. What is more comes with the next one. */
const mostItems = 200;
/** For one thing; a large mirror takes its time. */
const itemMs = 300_000;

/**
 * Removes what no release names that runs, is made or can be rolled back to. What goes is in the log before it goes; a run that
 * was cut off is taken up by the next one.
 */
export class Prune {
  readonly #world: World;
  readonly #cache: InstallCache;
  readonly #newTrace: () => string;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(world: World, newTrace: () => string) {
    this.#world = world;
    this.#cache = new InstallCache(world.paths.installCache);
    this.#newTrace = newTrace;
  }

  /** What would go now. Changes nothing. */
  async show(signal: AbortSignal): Promise<PruneReport> {
    const { items, kept } = await this.#plan(signal);
    return { dryRun: true, releases: this.#keep, items, bytes: sum(items), left: [], kept };
  }

  /** One run after another. @throws PloinkyError of the log; what could not be removed is in the report */
  run(trigger: 'asked' | 'daily', actor: string, signal: AbortSignal): Promise<PruneReport> {
    const result = this.#turn.then(() => this.#run(trigger, actor, signal));
    this.#turn = result.catch(() => {});
    return result;
  }

  async idle(): Promise<void> {
    await this.#turn;
  }

  get #keep(): number {
    return this.#world.settings()['retention.releases'];
  }

  async #plan(signal: AbortSignal): Promise<PrunePlan> {
    return planPrune(this.#world.views, await storedThings(this.#world, this.#cache, signal), this.#keep);
  }

  async #run(trigger: 'asked' | 'daily', actor: string, signal: AbortSignal): Promise<PruneReport> {
    const done: PruneItem[] = [];
    const left: Left[] = [];
    let plan = await this.#plan(signal);
    // Of a run that was cut off: what is still there and still needless goes now.
    if (this.#open) {
      await this.#carryOut(this.#open.items, plan, { done, left }, signal);
      plan = await this.#plan(signal);
    }
    const given = new Set(left.map(nameOf));
    const items = plan.items.filter((item) => !given.has(nameOf(item)));
    for (let from = 0; from < items.length; from += mostItems) {
      const some = items.slice(from, from + mostItems);
      const data = { trigger, releases: this.#keep, items: some };
      await this.#record(
        { type: 'prune.requested', stream: 'prune', data },
        { actor, cause: null, trace: this.#newTrace() },
      );
      await this.#carryOut(some, plan, { done, left }, signal);
    }
    return { dryRun: false, releases: this.#keep, items: done, bytes: sum(done), left, kept: plan.kept };
  }

  get #open() {
    return this.#world.views.prunes.get('prune')?.open ?? null;
  }

  /** Of an item that is in no plan any more nothing is left, or somebody needs it again. */
  async #carryOut(
    items: readonly PruneItem[],
    plan: PrunePlan,
    all: { readonly done: PruneItem[]; readonly left: Left[] },
    signal: AbortSignal,
  ): Promise<void> {
    const planned = new Set(plan.items.map(nameOf));
    const stays = new Map(plan.kept.map(({ id, reason }) => [`image ${id}`, reason]));
    const done: PruneItem[] = [];
    const left: Left[] = [];
    for (const item of items) {
      signal.throwIfAborted();
      const { kind, id } = item;
      const kept = stays.get(nameOf(item));
      const reason = kept ?? (planned.has(nameOf(item)) ? await this.#removed(item, signal) : null);
      if (reason === null) done.push(item);
      else left.push({ kind, id, reason });
    }
    const open = this.#open;
    if (!open) throw new Error('nothing was to be removed');
    await this.#record(
      { type: 'prune.completed', stream: 'prune', data: { removed: done.length, bytes: sum(done), left } },
      { actor: 'system:prune', cause: open.event, trace: open.trace },
    );
    all.done.push(...done);
    all.left.push(...left);
  }

  /** Null when it is gone, else why it is not. */
  async #removed(item: PruneItem, signal: AbortSignal): Promise<string | null> {
    const { views, removals } = this.#world;
    // Between this look and the beginning of the removal nothing else happens; a release that is asked for now waits.
    if (item.kind !== 'installLog' && choosing(views)) return 'a release is being made';
    try {
      await removals.run(() => withDeadline(signal, itemMs, (given) => this.#remove(item, given)));
      return null;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#world.logger.warn({ kind: item.kind, id: item.id, err: error }, 'it could not be removed');
      return isPloinkyError(error) ? error.message : ((error as NodeJS.ErrnoException).code ?? 'for an unknown reason');
    }
  }

  async #remove({ kind, id }: PruneItem, signal: AbortSignal): Promise<void> {
    const { paths, git, engines, views } = this.#world;
    switch (kind) {
      case 'image': {
        const [engine = '', imageId = ''] = id.split(' ');
        await (await engines.get(engine)).removeImage(imageId, signal);
        return;
      }
      case 'installResult':
        return this.#cache.remove(id);
      case 'checkout': {
        const folder = join(paths.data, 'agents', id);
        await rm(folder, { recursive: true, force: true });
        // Of a deployment that is gone altogether.
        await rmdir(dirname(folder)).catch(() => {});
        return;
      }
      case 'installLog':
        return rm(join(paths.logs, basename(id)), { force: true });
      case 'pins':
        return git.storage.unpin(id, (pins) => needlessPins(views, pins, this.#keep), signal);
      case 'mirror':
        return git.storage.remove(id, signal);
    }
  }

  async #record(draft: PloinkyDraft, origin: Origin): Promise<void> {
    const stored = await this.#world.record([draft], origin);
    // Nothing may go that the log does not tell of.
    if (stored.length === 0) throw new PloinkyError('TRANSITION_ILLEGAL', `${draft.type} was not taken by the state.`);
  }
}

function nameOf({ kind, id }: { readonly kind: string; readonly id: string }): string {
  return `${kind} ${id}`;
}

function sum(items: readonly PruneItem[]): number {
  return items.reduce((all, { bytes }) => all + bytes, 0);
}
