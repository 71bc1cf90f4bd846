import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../errors/ploinky-error.ts';
import { syncFolder } from '../files/sync-folder.ts';
import type { Committer, Operation } from './committer.ts';
import { damage } from './damage.ts';
import { type Database, formatEntry, type LogFormat } from './database.ts';
import type { Deletion, Keyframe } from './gap.ts';
import { groupKey, keyframeKey, keyframeRange } from './keys.ts';
import { type DueOptions, nextDue, part, type SealRange, writeSegment } from './seal-range.ts';
import { type Element, firstOf, outlineOf, recordsOf } from './sealed-record.ts';
import { readSegmentFile } from './segment-cache.ts';
import {
  keyframeEntry,
  manifestEntry,
  type SegmentManifest,
  type StoredSegment,
  segmentsFolder,
  storedKeyframe,
  storedSegment,
  storedSegments,
} from './segment-manifest.ts';
import { sealedEntry, storedGroups } from './stored-groups.ts';

/**
 * Task events on their way out of the database: into files, and at last away. Each step is durable before the next, and
 * each can be repeated; what was decided stands in the log as events, which their caller appends in between.
 */
export class Segments {
  readonly #committer: Committer;
  readonly #format: LogFormat;

  constructor(committer: Committer, format: LogFormat) {
    this.#committer = committer;
    this.#format = format;
  }

  get #db(): Database {
    return this.#committer.stored.db;
  }

  /** Every segment that the database knows of, in order. */
  list(): Promise<StoredSegment[]> {
    return storedSegments(this.#db);
  }

  /** See `nextDue`. */
  due(options: DueOptions): Promise<SealRange | null> {
    return nextDue(this.#db, options);
  }

  /** First step: the file. `log.sealed` is appended next. */
  write(range: SealRange): Promise<SegmentManifest> {
    return writeSegment(this.#db, range);
  }

  /**
   * Second step: the events of the file leave the database, in one batch. Nothing happens when they have left already.
   * @throws PloinkyError LOG_DAMAGED when file and events are not what the manifest says; nothing was written then
   */
  async apply(manifest: SegmentManifest): Promise<void> {
    if (await storedSegment(this.#db, manifest.from)) return;
    const { from, to } = manifest;
    await readSegmentFile(this.#pathOf(manifest), manifest);
    const { elements, groups } = await part(this.#db, from, to);
    if (outlineOf(elements) !== manifest.outline) throw damage.seal(this.#db.location, from, to);
    const records = recordsOf(from, elements);
    const stay = new Set(records.map(({ elements: [element] }) => firstOf(element as Element)));
    await this.#committer.write([
      ...groups.filter((first) => !stay.has(first)).map((first) => del(groupKey(first))),
      ...records.map((record) => put(sealedEntry(record))),
      put(manifestEntry({ ...manifest, deletion: null })),
      put(formatEntry({ ...this.#format, sealed: true })),
    ]);
  }

  /** The last event of a sealed range that is in its file: after it, a keyframe takes the place of those events. */
  async keyframeSeq(from: number, to: number): Promise<number | null> {
    let last: number | null = null;
    for await (const groups of storedGroups(this.#db, { from, to })) {
      for (const { sealed } of groups) last = sealed?.gap?.to ?? last;
    }
    return last;
  }

  /** The keyframe of what was deleted last. */
  async keyframe(): Promise<Keyframe | null> {
    const [key] = await this.#db.keys({ ...keyframeRange, reverse: true, limit: 1 }).all();
    return key === undefined ? null : storedKeyframe(this.#db, Number(key.slice(2)));
  }

  /**
   * After `log.segmentDeleted`: the keyframe takes the place of the events, then the file goes. To be repeated when it
   * was cut off. @throws PloinkyError SEGMENT_ORDER when an older segment still has its file
   */
  async drop(from: number, deletion: Deletion, keyframe: Keyframe): Promise<void> {
    const segments = await this.list();
    const segment = segments.find((one) => one.from === from);
    if (!segment) throw damage.missing(this.#db.location, from, from);
    const older = segments.find((one) => one.from < from && !one.deletion);
    if (older) {
      throw new PloinkyError(
        'SEGMENT_ORDER',
        `The segment from event ${older.from} on is older than the one from ${from}.`,
      );
    }
    if (!segment.deletion) {
      const former = await this.#db.keys(keyframeRange).all();
      await this.#committer.write([
        put(manifestEntry({ ...segment, deletion })),
        // Of several gaps only the last one needs it.
        ...former.filter((key) => key !== keyframeKey(keyframe.seq)).map(del),
        put(keyframeEntry(keyframe)),
      ]);
    }
    await rm(this.#pathOf(segment), { force: true });
    await syncFolder(segmentsFolder(this.#db));
  }

  /** Names and sizes of what lies in the folder and belongs to no segment that has a file. */
  async strays(): Promise<{ readonly file: string; readonly bytes: number }[]> {
    const folder = segmentsFolder(this.#db);
    const known = new Set((await this.list()).filter(({ deletion }) => !deletion).map(({ file }) => file));
    const names = await readdir(folder).catch(() => []);
    const strays = names.filter((name) => !known.has(name));
    return Promise.all(
      strays.map(async (file) => ({
        file,
        bytes: await stat(join(folder, file)).then(
          ({ size }) => size,
          () => 0,
        ),
      })),
    );
  }

  async removeStrays(): Promise<void> {
    for (const { file } of await this.strays()) await rm(join(segmentsFolder(this.#db), file), { force: true });
  }

  /** Every payload that a stored event names, wherever it does: rather one too many than one too few. */
  async payloads(signal?: AbortSignal): Promise<Set<string>> {
    const names = new Set<string>();
    for await (const groups of storedGroups(this.#db, { from: 1, to: Number.MAX_SAFE_INTEGER })) {
      signal?.throwIfAborted();
      for (const { lines } of groups) {
        for (const line of lines) {
          if (!line.includes('"$blob"')) continue;
          for (const [, name] of line.matchAll(/"\$blob":"([0-9a-f]{64})"/g)) names.add(name as string);
        }
      }
    }
    return names;
  }

  #pathOf({ file }: SegmentManifest): string {
    return join(segmentsFolder(this.#db), file);
  }
}

function put([key, value]: readonly [string, string]): Operation {
  return { type: 'put', key, value };
}

function del(key: string): Operation {
  return { type: 'del', key };
}
