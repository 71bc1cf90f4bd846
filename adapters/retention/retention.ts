import type { NewId } from '../../core/clock/clock.ts';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { CollectableBlobs, Collected } from '../../core/log/file-blobs.ts';
import { keyframeDigest } from '../../core/log/gap.ts';
import type { LevelLog } from '../../core/log/level-log.ts';
import type { SealRange } from '../../core/log/seal-range.ts';
import type { SegmentManifest } from '../../core/log/segment-manifest.ts';
import type { Settings } from '../../core/settings/settings.ts';
import { dueDeletions, sealBefore, sealedUpTo } from '../../decisions/decide-retention.ts';
import type { Segment } from '../../projections/segments.ts';
import type { Views } from '../../projections/views.ts';
import { keyframeAt } from './keyframe.ts';

export interface RetentionParts {
  readonly log: LevelLog;
  readonly blobs: CollectableBlobs;
  readonly views: Pick<Views, 'segments' | 'tasks'>;
  readonly settings: () => Settings;
  /** Stores what was decided; in the views when it resolves. */
  readonly record: (draft: PloinkyDraft, origin: Origin) => Promise<readonly PloinkyEvent[]>;
  readonly newId: NewId;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface RunOptions {
  readonly dryRun?: boolean;
  /** Who asked; default the server itself. */
  readonly actor?: string;
  /** Leaves payloads alone, and does not count them: that means to read all of the log. */
  readonly skipPayloads?: boolean;
  readonly signal?: AbortSignal;
  /** Segments that are made or deleted at most; what is left waits for the next run. Default: all that are due. */
  readonly mostSegments?: number;
  readonly onProgress?: (stage: RetentionStage, done: number, of: number | null) => void;
}

export type RetentionStage = 'seal' | 'delete' | 'payloads';

export interface RetentionReport {
  readonly dryRun: boolean;
  readonly sealed: readonly SealedReport[];
  readonly deleted: readonly DeletedReport[];
  /** Files of runs that were cut off. */
  readonly strays: readonly { readonly file: string; readonly bytes: number }[];
  /** Null when they were left alone. */
  readonly payloads: Collected | null;
}

export interface RetentionView {
  readonly settings: { readonly tasks: string; readonly segments: string };
  readonly segments: readonly Segment[];
  readonly due: Pick<RetentionReport, 'sealed' | 'deleted' | 'strays'>;
}

export interface SealedReport {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly since: string;
  readonly until: string;
  /** Absent in a dry run. */
  readonly bytes?: number;
  readonly rawBytes?: number;
}

export interface DeletedReport {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  readonly until: string;
  readonly bytes: number;
}

/** Payloads that no event names are left alone so long: their event may be on its way. */
const graceMs = 3_600_000;

/**
 * Keeps a cloud small: task events that are old move into segment files, files that are old go, and so do payloads that
 * nothing names any more. What is done stands in the log before it is done, so that a run that was cut off is finished
 * by the next one.
 */
export class Retention {
  readonly #parts: RetentionParts;
  #turn: Promise<unknown> = Promise.resolve();
  /** Of a run that changes something. */
  #working: Promise<unknown> = Promise.resolve();
  readonly #copies = new Set<Promise<void>>();

  constructor(parts: RetentionParts) {
    this.#parts = parts;
  }

  /** One run after another. @throws PloinkyError LOG_DAMAGED, DISK_FULL, … */
  run(options: RunOptions = {}): Promise<RetentionReport> {
    const result = this.#turn.then(async () => {
      if (options.dryRun) return this.#run(options);
      while (this.#copies.size > 0) await Promise.all(this.#copies);
      const work = this.#run(options);
      this.#working = work.catch(() => {});
      return work;
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /**
   * For a copy of the log: from when this resolves until its answer is called nothing moves and nothing goes, since a copy
   * reads records first and the files that they name later.
   */
  async hold(): Promise<() => void> {
    let release = () => {};
    const copy = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#copies.add(copy);
    void copy.then(() => this.#copies.delete(copy));
    await this.#working;
    return release;
  }

  /** What is sealed and what is due; changes nothing. */
  async show(): Promise<RetentionView> {
    const { views, settings } = this.#parts;
    const all = settings();
    const { sealed, deleted, strays } = await this.run({ dryRun: true, skipPayloads: true });
    return {
      settings: { tasks: all['retention.tasks'], segments: all['retention.segments'] },
      segments: [...views.segments.values()].sort((a, b) => a.from - b.from),
      due: { sealed, deleted, strays },
    };
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    await this.#turn;
  }

  async #run(options: RunOptions): Promise<RetentionReport> {
    const { dryRun = false, signal } = options;
    if (!dryRun) await this.#finish(signal);
    const strays = await this.#parts.log.segments.strays();
    if (!dryRun) await this.#parts.log.segments.removeStrays();
    const sealed = await this.#seal(options);
    const deleted = await this.#delete(options);
    const payloads = await this.#collect(options);
    return { dryRun, sealed, deleted, strays, payloads };
  }

  /** What the log says was decided, and the files do not show yet. */
  async #finish(signal?: AbortSignal): Promise<void> {
    const { log, views } = this.#parts;
    const stored = new Map((await log.segments.list()).map((segment) => [segment.from, segment]));
    for (const segment of [...views.segments.values()].sort((a, b) => a.from - b.from)) {
      signal?.throwIfAborted();
      if (!stored.has(segment.from)) await this.#apply(segment);
      if (segment.deleted && !stored.get(segment.from)?.deletion) await this.#drop(segment);
    }
  }

  async #apply(segment: Segment): Promise<void> {
    const { segments } = this.#parts.log;
    const { sealedAt: _, deleted: __, ...manifest } = segment;
    try {
      await segments.apply(manifest);
    } catch (error) {
      if (!isPloinkyError(error, 'LOG_DAMAGED')) throw error;
      // The events are still where they were: the file can be written again.
      await segments.write(manifest);
      await segments.apply(manifest);
    }
  }

  async #seal(options: RunOptions): Promise<SealedReport[]> {
    const { dryRun = false, signal, mostSegments = Number.POSITIVE_INFINITY, onProgress } = options;
    const { log, views, settings, now } = this.#parts;
    const before = sealBefore(settings(), now());
    const reports: SealedReport[] = [];
    let after = sealedUpTo(views.segments.values());
    while (before !== null && reports.length < mostSegments) {
      signal?.throwIfAborted();
      const due = await log.segments.due({ after, before });
      if (!due) break;
      reports.push(dryRun ? due : report(await this.#sealOne(due, options.actor)));
      after = due.to;
      onProgress?.('seal', reports.length, null);
    }
    return reports;
  }

  async #sealOne(due: SealRange, actor?: string): Promise<SegmentManifest> {
    const { log } = this.#parts;
    const manifest = await log.segments.write(due);
    await this.#record({ type: 'log.sealed', stream: 'log', data: manifest }, actor);
    await log.segments.apply(manifest);
    return manifest;
  }

  async #delete(options: RunOptions): Promise<DeletedReport[]> {
    const { dryRun = false, signal, mostSegments = Number.POSITIVE_INFINITY, onProgress } = options;
    const { log, views, settings, now } = this.#parts;
    const all = settings();
    const due = dueDeletions(views.segments.values(), all, now()).slice(0, mostSegments);
    for (const [done, { from, to, count, file }] of due.entries()) {
      if (dryRun) break;
      signal?.throwIfAborted();
      const seq = (await log.segments.keyframeSeq(from, to)) ?? to;
      const keyframe = await keyframeAt(log, seq);
      const reason = `retention.segments = ${all['retention.segments']}`;
      const data = { from, to, count, file, reason, keyframe: keyframeDigest(keyframe) };
      await this.#record({ type: 'log.segmentDeleted', stream: 'log', data }, options.actor);
      const deleted = views.segments.get(String(from));
      if (deleted) await this.#drop(deleted);
      onProgress?.('delete', done + 1, due.length);
    }
    return due.map(({ from, to, count, until, bytes }) => ({ from, to, count, until, bytes }));
  }

  async #record(draft: PloinkyDraft, actor = 'system:retention'): Promise<void> {
    const { record, newId } = this.#parts;
    const stored = await record(draft, { actor, cause: null, trace: newId() });
    // Nothing may be moved that the log does not tell of.
    if (stored.length === 0) throw new PloinkyError('TRANSITION_ILLEGAL', `${draft.type} was not taken by the state.`);
  }

  async #drop({ from, to, deleted }: Segment): Promise<void> {
    const { log } = this.#parts;
    if (!deleted) return;
    const { seq, time, reason } = deleted;
    const last = (await log.segments.keyframeSeq(from, to)) ?? to;
    await log.segments.drop(from, { seq, time, reason }, await keyframeAt(log, last));
  }

  async #collect({ dryRun = false, skipPayloads, signal, onProgress }: RunOptions): Promise<Collected | null> {
    const { log, blobs, views, now } = this.#parts;
    if (skipPayloads) return null;
    onProgress?.('payloads', 0, null);
    return blobs.collect({
      olderThan: now() - graceMs,
      dryRun,
      named: async () => {
        const names = await log.segments.payloads(signal);
        // Their events may be gone; what they were asked to do is not.
        for (const { params } of views.tasks.values()) {
          for (const [, name] of JSON.stringify(params).matchAll(/"\$blob":"([0-9a-f]{64})"/g))
            names.add(name as string);
        }
        return names;
      },
    });
  }
}

function report({ from, to, count, since, until, bytes, rawBytes }: SegmentManifest): SealedReport {
  return { from, to, count, since, until, bytes, rawBytes };
}
