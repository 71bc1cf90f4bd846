import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { groupRange } from '../../../core/log/keys.ts';
import { unseal } from '../../../core/log/sealed.ts';
import { journalEntries } from './journal-entries.ts';
import type { StoredEntry } from './stored-entry.ts';
import { tableEntries } from './table-entries.ts';

/** The files of a damaged database, read without LevelDB. */
export class StoredFiles {
  /** Records other than those of events whose checksum fits, by key: the newest of each. */
  readonly others: ReadonlyMap<string, string>;
  /** Files that could not be read, and why. */
  readonly troubles: readonly string[];
  readonly #files: readonly EventFile[];

  private constructor(files: readonly EventFile[], others: ReadonlyMap<string, string>, troubles: readonly string[]) {
    this.#files = files;
    this.others = others;
    this.troubles = troubles;
  }

  /** Looks at each file once, to learn where it begins. */
  static async open(folders: readonly string[], onProgress: (done: number, of: number) => void): Promise<StoredFiles> {
    const troubles: string[] = [];
    const paths = await filesIn(folders, troubles);
    const files: EventFile[] = [];
    const newest = new Map<string, { version: number; value: string | null }>();
    for (const [i, path] of paths.entries()) {
      let firstKey: string | null = null;
      for (const entry of await entriesOf(path, troubles)) {
        if (isOfEvents(entry.key)) {
          if (firstKey === null || entry.key < firstKey) firstKey = entry.key;
          continue;
        }
        const known = newest.get(entry.key);
        if (known && known.version > entry.version) continue;
        newest.set(entry.key, { version: entry.version, value: entry.deleted ? null : entry.value });
      }
      if (firstKey !== null) files.push({ path, firstKey });
      onProgress(i + 1, paths.length);
    }
    const others = new Map<string, string>();
    for (const [key, { value }] of newest) if (value !== null && isGood(key, value)) others.set(key, value);
    files.sort((a, b) => (a.firstKey < b.firstKey ? -1 : 1));
    return new StoredFiles(files, others, troubles);
  }

  /** Records of events in the order of keys: of each key every value that some file has, the newest first. */
  async *events(): AsyncGenerator<{ readonly key: string; readonly values: readonly string[] }> {
    const waiting = [...this.#files];
    let open: { entries: StoredEntry[]; at: number }[] = [];
    for (;;) {
      const heads = open.map(({ entries, at }) => entries[at]?.key ?? '').sort();
      let key = heads[0];
      // Only now: most files follow one another, and so hardly more than one is in memory.
      if (waiting[0] && (key === undefined || waiting[0].firstKey <= key)) {
        const file = waiting.shift() as EventFile;
        const entries = (await entriesOf(file.path, [])).filter((entry) => isOfEvents(entry.key) && !entry.deleted);
        entries.sort((a, b) => (a.key === b.key ? b.version - a.version : a.key < b.key ? -1 : 1));
        if (entries.length > 0) open.push({ entries, at: 0 });
        continue;
      }
      if (key === undefined) return;
      const found: StoredEntry[] = [];
      for (const source of open) {
        for (; source.entries[source.at]?.key === key; source.at += 1) {
          found.push(source.entries[source.at] as StoredEntry);
        }
      }
      open = open.filter(({ entries, at }) => at < entries.length);
      found.sort((a, b) => b.version - a.version);
      yield { key, values: [...new Set(found.map(({ value }) => value))] };
      key = undefined;
    }
  }
}

interface EventFile {
  readonly path: string;
  readonly firstKey: string;
}

function isOfEvents(key: string): boolean {
  return key >= groupRange.gte && key < groupRange.lt;
}

/** The format says itself what it is, and has no checksum. */
function isGood(key: string, value: string): boolean {
  return key.startsWith('m!') || unseal(key, value) !== null;
}

/** Tables and journals. Those that were kept under a second name are often the same file. */
async function filesIn(folders: readonly string[], troubles: string[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') troubles.push(`${folder}: ${error.message}`);
      return [];
    });
    for (const name of names.filter((one) => /^\d+\.(ldb|sst|log)$/.test(one)).sort()) {
      const path = join(folder, name);
      const bytes = await readFile(path).catch(() => null);
      const known = found.get(name);
      const same = known !== undefined && bytes !== null && (await readFile(known).catch(() => null))?.equals(bytes);
      if (!same) found.set(known === undefined ? name : path, path);
    }
  }
  return [...found.values()];
}

async function entriesOf(path: string, troubles: string[]): Promise<StoredEntry[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    troubles.push(`${path}: ${(error as Error).message}`);
    return Buffer.alloc(0);
  });
  return [...(path.endsWith('.log') ? journalEntries(bytes) : tableEntries(bytes))];
}
