import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { blobsOf } from '../../../core/log/blob-port.ts';
import { LogBuilder } from '../../../core/log/build-log.ts';
import { parseFormat } from '../../../core/log/database.ts';
import { readMarker } from '../../../core/log/head-marker.ts';
import { heldBy, livingHolder } from '../../../core/log/holder.ts';
import { formatKey } from '../../../core/log/keys.ts';
import type { Head } from '../../../core/log/log-port.ts';
import { decodeLine } from '../../../core/log/record.ts';
import { unseal } from '../../../core/log/sealed.ts';
import { makeDataFolder } from '../new-folder.ts';
import { AsideFiles, type AsideRange } from './aside.ts';
import { candidates } from './candidates.ts';
import { copyBlobs, copyOthers } from './copy-beside.ts';
import { salvage } from './salvage.ts';
import { StoredFiles } from './stored-files.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

export interface Repaired {
  /** The last event of the copy; 0 when nothing of the beginning could be saved, and then no log was made. */
  readonly head: Head;
  /** The last event that there once was, as far as anything knows. */
  readonly once: number;
  /** Good events behind a hole, and the files that hold them. */
  readonly aside: readonly AsideRange[];
  /** Events of which nothing good is left. */
  readonly lost: readonly Range[];
  readonly blobs: { readonly saved: number; readonly damaged: readonly string[]; readonly missing: readonly string[] };
  /** Files and folders that could not be read, and why. */
  readonly troubles: readonly string[];
}

type OnProgress = (stage: 'files' | 'events' | 'blobs', done: number, of: number | null) => void;

/**
 * Writes a copy of what can be saved of a damaged data folder. The folder itself is read and never changed.
 * @param data the damaged one
 * @param target the new folder: a `.ploinky-cloud` in it, and files of events that it cannot hold
 * @throws PloinkyError LOG_MISSING, LOG_HELD, LOG_EXISTS, LOG_DAMAGED when nothing at all can be saved
 */
export async function repairLog(data: string, target: string, onProgress: OnProgress): Promise<Repaired> {
  await requireDamaged(data);
  return makeDataFolder(target, (folder) => fill(data, folder, onProgress));
}

async function fill(data: string, target: string, onProgress: OnProgress): Promise<Repaired> {
  const marker = await readMarker(data).catch(() => null);
  const folders = [join(data, 'log'), join(data, 'log.journals')];
  const files = await StoredFiles.open(folders, (done, of) => onProgress('files', done, of));
  const { others, troubles } = files;
  const folder = join(target, '.ploinky-cloud');
  const builder = await LogBuilder.begin(folder);
  try {
    const format = parseFormat(others.get(formatKey) ?? '') ?? { logId: marker?.logId ?? nanoid(), fork: null };
    const aside = new AsideFiles(target, () => format.logId);
    const named = new Set<string>();
    await salvage(candidates(files, data), {
      async keep(line, seq) {
        await builder.add(line);
        for (const { $blob } of blobsOf(decodeLine(line, seq)?.data)) named.add($blob);
        onProgress('events', seq, marker && marker.seq >= seq ? marker.seq : null);
      },
      beginDeleted: (segment) => builder.beginDeleted(segment),
      async skip(gap, keyframe) {
        await builder.skip(gap, keyframe);
      },
      async aside(line, seq, follows) {
        await aside.add(line, seq, follows);
        onProgress('events', seq, marker && marker.seq >= seq ? marker.seq : null);
      },
    });
    await aside.end();
    const head = await builder.check();
    if (head.seq === 0 && aside.ranges.length === 0) throw nothing(data, troubles);
    await builder.put(idempotencyRecords(others, head.seq));
    await builder.finish({ logId: format.logId, fork: format.fork }, head);
    const blobs = await copyBlobs(data, folder, (done) => onProgress('blobs', done, null));
    const failed = await copyOthers(data, folder);
    // A log that does not begin with event 1 is none; what was found of it lies beside.
    if (head.seq === 0) await rm(folder, { recursive: true });
    const once = Math.max(marker?.seq ?? 0, head.seq, aside.ranges.at(-1)?.to ?? 0);
    return {
      head,
      once,
      aside: aside.ranges,
      lost: holes(head.seq, aside.ranges, once),
      blobs: {
        saved: blobs.saved.size,
        damaged: blobs.damaged,
        missing: [...named].filter((name) => !blobs.saved.has(name) && !blobs.damaged.includes(name)),
      },
      troubles: [...troubles, ...failed.map((name) => `${join(data, name)} cannot be read`)],
    };
  } catch (error) {
    await builder.abandon();
    throw error;
  }
}

/** @throws PloinkyError LOG_MISSING, LOG_HELD */
async function requireDamaged(data: string): Promise<void> {
  if (!['log', 'log.journals'].some((name) => existsSync(join(data, name)))) {
    throw new PloinkyError('LOG_MISSING', `There is nothing of an event log in ${data}.`);
  }
  // Opening it would tell for certain, and would change it.
  if (await livingHolder(data)) throw await heldBy(data, null);
}

/** What idempotency keys led to, where it is among the events that were saved. */
function idempotencyRecords(others: ReadonlyMap<string, string>, head: number): [string, string][] {
  return [...others].filter(([key, value]) => {
    return key.startsWith('k!') && Number(unseal(key, value)?.split(' ')[1]) <= head;
  });
}

function holes(saved: number, aside: readonly Range[], once: number): Range[] {
  const lost: Range[] = [];
  let next = saved + 1;
  for (const { from, to } of [...aside, { from: once + 1, to: once + 1 }]) {
    if (from > next) lost.push({ from: next, to: from - 1 });
    next = Math.max(next, to + 1);
  }
  return lost;
}

function nothing(data: string, troubles: readonly string[]): PloinkyError {
  return new PloinkyError('LOG_DAMAGED', `Not one event of the log in ${data} can be saved.`, {
    hint: 'Restore a backup with `p-cli cloud restore`; nothing was written.',
    details: { troubles },
  });
}
