import { surroundings } from '../ground/current.ts';
import { type Change, Database, type Range } from './database.ts';
import { type File, systemError } from './disk.ts';

interface IteratorOptions extends Range {
  readonly reverse?: boolean;
  readonly limit?: number;
}

function levelError(code: string, message: string, cause?: Error): Error {
  return Object.assign(new Error(message, cause ? { cause } : {}), { code });
}

/** In place of the package `level`: the same database on the simulated disk, with its delays and failures. */
export class Level {
  readonly location: string;
  #database: Database | null = null;

  constructor(location: string) {
    this.location = location;
  }

  async open({ createIfMissing = true }: { createIfMissing?: boolean } = {}): Promise<void> {
    const { ground, disk } = surroundings();
    await ground.ask(ground.random.between(0.5, 20), () => {
      const found = disk.find(`${this.location}/CURRENT`);
      if (!found && !createIfMissing)
        throw levelError('LEVEL_DATABASE_NOT_OPEN', 'does not exist (create_if_missing is false)');
      let file: File;
      if (found?.kind === 'file' && found.database) file = found;
      else {
        disk.makeFolder(this.location, true);
        file = disk.write(`${this.location}/CURRENT`, Buffer.from('MANIFEST-000002\n'), { synced: true });
        file.database = new Database(ground.random);
        disk.write(`${this.location}/000003.log`, Buffer.alloc(0), { synced: true });
      }
      const database = file.database as Database;
      if (database.locked)
        throw levelError(
          'LEVEL_DATABASE_NOT_OPEN',
          'not open',
          levelError('LEVEL_LOCKED', 'IO error: lock: already held'),
        );
      if (disk.full)
        throw levelError('LEVEL_DATABASE_NOT_OPEN', 'not open', new Error('IO error: No space left on device'));
      database.open();
      // Its own account, which it begins anew with each opening.
      if (disk.find(`${this.location}/LOG`)) disk.remove(`${this.location}/LOG`);
      disk.write(`${this.location}/LOG`, Buffer.from('Recovering log #3\n'), { synced: true });
      this.#database = database;
      // Its account of its openings, as LevelDB goes on with where it cannot put the old one aside.
      const account = disk.find(`${this.location}/LOG`);
      const before = account?.kind === 'file' ? account.bytes : Buffer.alloc(0);
      disk.write(`${this.location}/LOG`, Buffer.concat([before, Buffer.from('Recovering log #3\n')]));
    });
  }

  async close(): Promise<void> {
    const { ground } = surroundings();
    await ground.ask(ground.random.between(0.1, 5), () => {
      this.#database?.letGo();
      this.#database = null;
    });
  }

  get(key: string): Promise<string | undefined> {
    const { ground } = surroundings();
    return ground.ask(ground.random.between(0.02, 0.5), () => this.#open().get(key));
  }

  getMany(keys: readonly string[]): Promise<(string | undefined)[]> {
    const { ground } = surroundings();
    return ground.ask(ground.random.between(0.02, 0.5), () => keys.map((key) => this.#open().get(key)));
  }

  /** It has no tables: all of it is in its journal. */
  getProperty(_name: string): string {
    return '';
  }

  getSync(key: string): string | undefined {
    return this.#open().get(key);
  }

  put(key: string, value: string, { sync = false }: { sync?: boolean } = {}): Promise<void> {
    return this.#write([[key, value]], sync);
  }

  batch() {
    const changes: Change[] = [];
    const batch = {
      put: (key: string, value: string) => {
        changes.push([key, value]);
        return batch;
      },
      del: (key: string) => {
        changes.push([key, undefined]);
        return batch;
      },
      write: ({ sync = false }: { sync?: boolean } = {}) => this.#write(changes, sync),
    };
    return batch;
  }

  keys(options: IteratorOptions = {}) {
    return this.#cursor(options, (key) => key);
  }

  values(options: IteratorOptions = {}) {
    return this.#cursor(options, (_key, value) => value);
  }

  iterator(options: IteratorOptions = {}) {
    return this.#cursor(options, (key, value) => [key, value] as [string, string]);
  }

  #write(changes: readonly Change[], sync: boolean): Promise<void> {
    const { ground, disk } = surroundings();
    const ms = ground.random.chance(0.03) ? ground.random.between(20, 400) : ground.random.between(0.2, sync ? 6 : 1);
    return ground.ask(ms, () => {
      const database = this.#open();
      if (disk.full) {
        database.poisoned = true;
        throw levelError('LEVEL_IO_ERROR', `IO error: ${this.location}: No space left on device`);
      }
      if (ground.happens(ground.odds.write)) {
        database.fail(changes);
        ground.tell('disk: a write fails, its outcome is unknown');
        throw levelError('LEVEL_IO_ERROR', `IO error: ${this.location}: Input/output error`);
      }
      database.write(changes, sync);
      ground.boundary('a write to the log');
    });
  }

  #cursor<T>(options: IteratorOptions, take: (key: string, value: string) => T) {
    const { ground } = surroundings();
    const { reverse = false, limit = -1 } = options;
    const keys = this.#open().range(options);
    if (reverse) keys.reverse();
    if (limit >= 0) keys.length = Math.min(limit, keys.length);
    let at = 0;
    const some = (count: number) =>
      ground.ask(ground.random.between(0.02, 0.5), () => {
        const database = this.#open();
        const taken = keys.slice(at, at + count);
        at += taken.length;
        return taken.map((key) => take(key, database.get(key) ?? ''));
      });
    return {
      nextv: some,
      all: () => some(keys.length),
      next: async () => (await some(1))[0],
      close: async () => {},
      async *[Symbol.asyncIterator]() {
        for (let found = await some(100); found.length > 0; found = await some(100)) yield* found;
      },
    };
  }

  #open(): Database {
    if (this.#database) return this.#database;
    throw levelError('LEVEL_DATABASE_NOT_OPEN', 'Database is not open', systemError('EBADF', 'read', this.location));
  }
}
