import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Retention, type RunOptions } from '../../../adapters/retention/retention.ts';
import type { PloinkyEvent } from '../../../core/events/catalogue.ts';
import type { EventEnvelope, NewEvent } from '../../../core/events/envelope.ts';
import { Store } from '../../../core/kernel/store.ts';
import { createFileBlobStore } from '../../../core/log/file-blobs.ts';
import { createLevelLog, type LevelLog, openLevelLog } from '../../../core/log/level-log.ts';
import { effectiveSettings } from '../../../core/settings/settings.ts';
import { dump, dumpText } from '../../../history/dump.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';

export const day = 86_400_000;
export const begin = Date.parse('2026-01-01T00:00:00.000Z');

const origin = { actor: 'test', cause: null, trace: 't' };

function made(n: number, type: string, stream: string, data: unknown, v = 1): NewEvent {
  return { id: `e${n}`, time: new Date(begin + n * 1_000).toISOString(), type, v, stream, data, ...origin };
}

/** Event `n` of a history: a setting now and then, and calls that overlap. */
export function eventOf(n: number, task: 'begin' | 'end' | null, id: string): NewEvent {
  if (n === 1) return made(n, 'cloud.initialized', 'cloud', { cloudId: 'abc', version: '1.0.0' });
  if (task === null) {
    return made(n, 'setting.changed', 'cloud', { name: 'lastLogsLines', value: n, previous: null });
  }
  const call = { taskId: id, deployment: 'localhost/demo', command: 'hello' };
  if (task === 'end') return made(n, 'task.completed', `task:${id}`, { ...call, durationMs: n % 97, data: { n } });
  const where = { release: 1, container: 'c', bootId: null, runForUserId: 'u', timeoutMs: 1_000 };
  return made(n, 'task.enqueued', `task:${id}`, { ...call, ...where, params: [n] });
}

/** A log with everything that keeps it small; time is what the test says. */
export class KeptCloud {
  readonly folder = mkdtempSync(join(tmpdir(), 'ploinky-kept-'));
  readonly blobs = createFileBlobStore(this.folder);
  now = begin + 30 * day;
  settings: Record<string, unknown> = {};
  #log: LevelLog | null = null;

  get log(): LevelLog {
    if (!this.#log) throw new Error('the log is not open');
    return this.#log;
  }

  async open(): Promise<void> {
    const options = { folder: this.folder, holder: 'test' };
    this.#log = await openLevelLog(options).catch(() => createLevelLog(options));
  }

  async reopen(): Promise<void> {
    await this.log.close();
    await this.open();
  }

  /** `calls` calls after one another, a setting in front of every third; in groups of four events. */
  async write(calls: number): Promise<void> {
    const events: NewEvent[] = [eventOf(1, null, '')];
    const next = () => events.length + 1;
    for (let i = 0; i < calls; i += 1) {
      if (i % 3 === 2) events.push(eventOf(next(), null, ''));
      events.push(eventOf(next(), 'begin', `t${i}`), eventOf(next(), 'end', `t${i}`));
    }
    for (let i = 0; i < events.length; i += 4) {
      await this.log.append(events.slice(i, i + 4), { idempotencyKey: `k${i}` });
    }
  }

  async end(): Promise<void> {
    await this.#log?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** `record` may be replaced by one that fails. */
  async run(options: RunOptions = {}, fail?: (type: string) => boolean) {
    return (await this.retention(fail)).run(options);
  }

  async retention(fail?: (type: string) => boolean): Promise<Retention> {
    const store = await this.fold();
    const following = this.log.subscribe({ from: store.seq + 1 }, (events) => store.apply(events));
    await following.ready;
    return new Retention({
      log: this.log,
      blobs: this.blobs,
      views: store.views,
      settings: () => effectiveSettings(this.settings),
      now: () => this.now,
      newId: () => 'trace',
      record: async (draft) => {
        const time = new Date(this.now).toISOString();
        const stored = await this.log.append([{ ...draft, id: `r${this.log.head().seq}`, time, v: 1, ...origin }]);
        if (fail?.(draft.type)) throw new Error('cut off');
        return stored as readonly PloinkyEvent[];
      },
    });
  }

  async fold(to?: number): Promise<Store<Views>> {
    const store = new Store<Views>(projections);
    store.replay(await this.all(to === undefined ? {} : { to }));
    return store;
  }

  async stateText(to?: number): Promise<string> {
    return dumpText(dump((await this.fold(to)).views));
  }

  async all(options: Parameters<LevelLog['read']>[0] = {}): Promise<EventEnvelope[]> {
    const events: EventEnvelope[] = [];
    for await (const event of this.log.read(options)) events.push(event);
    return events;
  }
}
