import { hash as digest } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { damage } from './damage.ts';
import type { Database } from './database.ts';
import { readFailure } from './failures.ts';
import type { Gap } from './gap.ts';
import { type SegmentLines, unpackSegment } from './segment-file.ts';
import { type SegmentManifest, type StoredSegment, segmentsFolder, storedSegment } from './segment-manifest.ts';

/** Unpacked, about three times 8 MiB each; those who go through history side by side are seldom more than two. */
const kept = 2;

/** Nobody keeps them in memory for whoever may come tomorrow. */
const keptMs = 30_000;

interface Cache {
  readonly segments: Map<string, Promise<SegmentLines>>;
  readonly timer: NodeJS.Timeout;
}

const caches = new WeakMap<Database, Cache>();

/**
 * The lines of a gap as they were stored before it was sealed, or the segment when its file was deleted by policy.
 * @throws PloinkyError LOG_DAMAGED naming file and range
 */
export async function linesOfGap(
  db: Database,
  segment: number,
  gap: Gap,
): Promise<{ readonly lines: readonly string[] } | { readonly deleted: StoredSegment }> {
  const manifest = await manifestOf(db, segment, gap);
  if (manifest.deletion) return { deleted: manifest };
  try {
    const found = (await load(db, manifest)).get(gap.from);
    if (found && found.gap.to === gap.to && found.gap.last === gap.last) return found;
  } catch (error) {
    // It may have been deleted between the two looks.
    const again = await manifestOf(db, segment, gap);
    if (again.deletion) return { deleted: again };
    throw error;
  }
  throw damage.segment(pathOf(db, manifest), manifest.from, manifest.to, 'does not hold the events it should');
}

async function manifestOf(db: Database, segment: number, gap: Gap): Promise<StoredSegment> {
  const manifest = await storedSegment(db, segment);
  if (!manifest) throw damage.missing(db.location, gap.from, gap.to);
  return manifest;
}

function load(db: Database, manifest: SegmentManifest): Promise<SegmentLines> {
  const cache = cacheOf(db);
  const { sha256 } = manifest;
  const loading = cache.get(sha256) ?? readSegmentFile(pathOf(db, manifest), manifest);
  cache.delete(sha256);
  cache.set(sha256, loading);
  loading.catch(() => cache.delete(sha256));
  for (const oldest of cache.keys()) {
    if (cache.size <= kept) break;
    cache.delete(oldest);
  }
  return loading;
}

function cacheOf(db: Database): Cache['segments'] {
  const known = caches.get(db);
  if (known) {
    known.timer.refresh();
    return known.segments;
  }
  const segments: Cache['segments'] = new Map();
  const timer = setTimeout(() => caches.delete(db), keptMs);
  timer.unref();
  caches.set(db, { segments, timer });
  return segments;
}

/** @throws PloinkyError LOG_DAMAGED, LOG_UNREADABLE */
export async function readSegmentFile(path: string, manifest: SegmentManifest): Promise<SegmentLines> {
  const { from, to, sha256 } = manifest;
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw damage.segment(path, from, to, 'is gone');
    throw readFailure(error, path);
  });
  if (digest('sha256', bytes, 'hex') !== sha256) {
    throw damage.segment(path, from, to, 'was changed: its SHA-256 is not the one that was stored');
  }
  const lines = await unpackSegment(bytes);
  if (!lines) throw damage.segment(path, from, to, 'cannot be unpacked');
  return lines;
}

function pathOf(db: Database, { file }: SegmentManifest): string {
  return join(segmentsFolder(db), file);
}
