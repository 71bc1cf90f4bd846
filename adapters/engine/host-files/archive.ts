import { createReadStream } from 'node:fs';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Headers, type Pack, pack } from 'tar-stream';
import type { HostEntry, HostFile } from './host-tree.ts';

/**
 * A tar archive of the entries, read while it is sent. Emits `error` when a file cannot be read or changes meanwhile;
 * destroying it closes what is open.
 */
export function archiveOf(entries: readonly HostEntry[]): Readable {
  const archive = pack();
  // What tar-stream makes only closes when something goes wrong, and who reads it would wait for ever.
  const outside = new PassThrough();
  archive.pipe(outside);
  outside.once('close', () => archive.destroy());
  write(archive, entries, outside).then(
    () => archive.finalize(),
    (error) => outside.destroy(error),
  );
  return outside;
}

async function write(archive: Pack, entries: readonly HostEntry[], outside: Readable): Promise<void> {
  for (const entry of entries) {
    if (outside.destroyed) return;
    await writeEntry(archive, entry);
  }
}

async function writeEntry(archive: Pack, entry: HostEntry): Promise<void> {
  // Without the leading slash, as tar itself writes it.
  const header: Headers = { name: entry.path.slice(1), mode: 0o644, mtime: new Date(0) };
  switch (entry.kind) {
    case 'folder':
      return add((done) => archive.entry({ ...header, type: 'directory', mode: entry.mode }, done));
    case 'link':
      return add((done) => archive.entry({ ...header, type: 'symlink', mode: 0o777, linkname: entry.target }, done));
    case 'text':
      return add((done) => archive.entry(header, entry.text, done));
    case 'file':
      return addFile(archive, { ...header, mode: entry.mode, mtime: new Date(entry.modifiedMs) }, entry);
  }
}

async function addFile(archive: Pack, header: Headers, { source, size }: HostFile): Promise<void> {
  let target: Writable | undefined;
  const added = add((done) => {
    target = archive.entry({ ...header, size }, done);
  });
  // Why a file cannot be read is known only here; the archive merely says that too little came.
  added.catch(() => undefined);
  if (target !== undefined) await pipeline(createReadStream(source, { highWaterMark: 1 << 20 }), target);
  await added;
}

function add(begin: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => begin((error) => (error ? reject(error) : resolve())));
}
