import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogSnapshot } from '../../core/log/snapshot.ts';
import { type BackupHeader, type BackupTrailer, backupVersion, headerName, trailerName } from './backup-format.ts';
import { bundleRepositories } from './bundle-repositories.ts';
import { tarEnd, tarHeader, tarPadding } from './tar.ts';

export interface BackupSource {
  readonly snapshot: LogSnapshot;
  /** The data folder. */
  readonly folder: string;
  readonly cloudId: string | null;
  readonly version: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Also the Git mirrors, without which a release can be made again only where its remote still has the commit. */
  readonly repositories: boolean;
}

/** Small, so that a cut-off file is good nearly to its end. */
const bytesPerEntry = 64 * 1024;
const sha256Hex = /^[0-9a-f]{64}$/;

/**
 * The bytes of a backup's tar. The snapshot was taken before anything else is listed: payloads and sealed segments that
 * its events name were there then, and more of them do no harm. @throws PloinkyError LOG_UNREADABLE, LOG_CLOSED, …
 */
export async function* writeBackup(source: BackupSource): AsyncGenerator<Buffer, BackupTrailer> {
  const writer = new Writer(Date.parse(source.madeAt) / 1000);
  const { snapshot, folder, cloudId, version, madeAt } = source;
  const header: BackupHeader = {
    ...{ format: 'ploinky-backup', v: backupVersion, cloudId, logId: snapshot.format.logId },
    ...{ head: snapshot.head, madeAt, version },
  };
  yield* writer.entry(headerName, Buffer.from(`${JSON.stringify(header)}\n`));
  const skipped: string[] = [];
  // First, so that the events in them can be counted as good as soon as the records are read.
  const segments = yield* writer.files(folder, 'segments', skipped);
  const records = yield* writeRecords(writer, source);
  const blobs = yield* writeBlobs(writer, source, skipped);
  const secrets = yield* writer.files(folder, 'secrets', skipped);
  let repositories = 0;
  if (source.repositories) {
    for await (const bundle of bundleRepositories(join(folder, 'repos'), (name) => skipped.push(name))) {
      repositories += 1;
      yield* writer.entry(`repositories/${bundle.name}.txt`, Buffer.from(bundle.description));
      yield* writer.file(`repositories/${bundle.name}.bundle`, bundle.file);
    }
  }
  const counts = { records, blobs, segments, secrets, repositories };
  const trailer: BackupTrailer = { ...counts, skipped, sha256: writer.digest() };
  yield* writer.entry(trailerName, Buffer.from(`${JSON.stringify(trailer)}\n`));
  yield tarEnd;
  return trailer;
}

async function* writeRecords(writer: Writer, { snapshot }: BackupSource): AsyncGenerator<Buffer, number> {
  let lines: string[] = [];
  let size = 0;
  let records = 0;
  let entries = 0;
  const entry = () => {
    entries += 1;
    const bytes = Buffer.from(lines.join(''));
    lines = [];
    size = 0;
    return writer.entry(`records/${String(entries).padStart(8, '0')}.ndjson`, bytes);
  };
  for await (const some of snapshot.records()) {
    for (const record of some) {
      const line = `${JSON.stringify(record)}\n`;
      lines.push(line);
      size += line.length;
      records += 1;
      if (size >= bytesPerEntry) yield* entry();
    }
  }
  if (lines.length > 0) yield* entry();
  return records;
}

async function* writeBlobs(
  writer: Writer,
  { folder }: BackupSource,
  skipped: string[],
): AsyncGenerator<Buffer, number> {
  let count = 0;
  for (const shelf of (await namesIn(join(folder, 'blobs'))).sort()) {
    for (const name of (await namesIn(join(folder, 'blobs', shelf))).sort()) {
      if (!sha256Hex.test(name)) continue;
      const content = await readFile(join(folder, 'blobs', shelf, name)).catch(() => null);
      // One that was collected since it was listed, or that was changed: a restore would refuse all for its sake.
      const whole = content !== null && createHash('sha256').update(content).digest('hex') === name;
      if (content === null || !whole) {
        if (content !== null) skipped.push(`blobs/${name}`);
        continue;
      }
      yield* writer.entry(`blobs/${name}`, content);
      count += 1;
    }
  }
  return count;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}

class Writer {
  readonly #hash = createHash('sha256');
  readonly #seconds: number;

  constructor(seconds: number) {
    this.#seconds = seconds;
  }

  /** Of all bytes so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  *entry(name: string, content: Buffer): Generator<Buffer> {
    yield this.#seen(
      Buffer.concat([tarHeader(name, content.length, this.#seconds), content, tarPadding(content.length)]),
    );
  }

  async *file(name: string, path: string): AsyncGenerator<Buffer> {
    const { size } = await stat(path);
    yield this.#seen(tarHeader(name, size, this.#seconds));
    let left = size;
    // What was added to the file since then is not read, and a file that lost some of its end is an error.
    for await (const piece of createReadStream(path, { end: Math.max(0, size - 1) })) {
      left -= (piece as Buffer).length;
      yield this.#seen(piece as Buffer);
    }
    if (left > 0) throw new Error(`${path} was cut off while it was copied`);
    yield this.#seen(tarPadding(size));
  }

  /** Every file in a folder of the data folder, and in those below it. What begins with a dot is not finished. */
  async *files(data: string, folder: string, skipped: string[]): AsyncGenerator<Buffer, number> {
    let count = 0;
    for (const name of (await namesIn(join(data, folder))).sort()) {
      if (name.startsWith('.')) continue;
      const path = join(data, folder, name);
      const found = await stat(path).catch(() => null);
      if (found?.isDirectory()) count += yield* this.files(data, `${folder}/${name}`, skipped);
      if (!found?.isFile()) continue;
      if (found.size === 0) {
        skipped.push(`${folder}/${name}`);
        continue;
      }
      yield* this.file(`${folder}/${name}`, path);
      count += 1;
    }
    return count;
  }

  #seen(bytes: Buffer): Buffer {
    this.#hash.update(bytes);
    return bytes;
  }
}
