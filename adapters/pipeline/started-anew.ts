import { setMaxListeners } from 'node:events';
import { alive, type Container } from '../../projections/containers.ts';
import type { Engine, EngineNotice } from '../engine/engine-port.ts';
import type { World } from './world.ts';

type Parts = Pick<World, 'views' | 'record' | 'logger'>;

/** Of one that was not asked yet nothing is known that a second start would change. An end may have been seen in between. */
const changed: readonly Container['status'][] = ['healthy', 'unhealthy', 'exited'];

/** No more looks wait for these than must: after a start all containers are due at once. */
const sideBySide = 8;

/**
 * Finds containers that somebody made their engine start again, by `docker restart` for example. A list may show them as running before
 * and after; but what is known of them, their port and how far their output was read, is of the start before.
 */
export class StartedAnew {
  readonly #parts: Parts;
  /** When each of them was started, by the engine's id. */
  readonly #known = new Map<string, string>();
  /** Of which the engine told something since they were looked at, by engine; `*` = of any. */
  readonly #noticed = new Map<string, Set<string>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  noticed(engine: string, notice: EngineNotice): void {
    const names = this.#noticed.get(engine) ?? new Set();
    this.#noticed.set(engine, names.add(notice.kind === 'gap' ? '*' : notice.name));
  }

  /** Looks at those of which the engine told something, and at those that were never looked at. Never rejects. */
  async record(engine: Engine, signal: AbortSignal): Promise<void> {
    const { views } = this.#parts;
    const noticed = this.#noticed.get(engine.name) ?? new Set();
    this.#noticed.delete(engine.name);
    const ids = new Set([...views.containers.values()].map(({ engineId }) => engineId));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    const due = [...views.containers.values()].filter(({ name, engineId, status, engine: of }) => {
      if (of !== engine.name || engineId === null) return false;
      const known = this.#known.has(engineId);
      // How an end went on is seen only of one that was looked at before.
      if (!alive.includes(status) && !(status === 'exited' && known)) return false;
      return !known || noticed.has(name) || noticed.has('*');
    });
    // One for each that is asked about, so many are no leak.
    setMaxListeners(0, signal);
    const next = due.values();
    const some = async () => {
      for (const container of next) await this.#tryLook(engine, container, signal);
    };
    await Promise.all(Array.from({ length: Math.min(sideBySide, due.length) }, some));
  }

  async #tryLook(engine: Engine, { name, engineId }: Container, signal: AbortSignal): Promise<void> {
    if (engineId === null) return;
    try {
      await this.#look(engine, name, engineId, signal);
    } catch (error) {
      this.noticed(engine.name, { kind: 'changed', name });
      this.#parts.logger.debug(
        { container: name, err: error },
        'when a container was started is not known; it is asked with the next look',
      );
    }
  }

  async #look(engine: Engine, name: string, engineId: string, signal: AbortSignal): Promise<void> {
    const found = await engine.inspect(name, signal);
    if (found === null || found.engineId !== engineId || found.status === 'exited') return;
    const before = this.#known.get(engineId);
    const startedAt = found.startedAt ?? '';
    if (before !== undefined && before !== startedAt) await this.#tell(name, engineId);
    this.#known.set(engineId, startedAt);
  }

  async #tell(name: string, engineId: string): Promise<void> {
    const { views, record } = this.#parts;
    const container = views.containers.get(name);
    if (!container) return;
    const data = { engineId, restarted: true } as const;
    const origin = { actor: 'system:observer', cause: container.lastEvent, trace: container.trace };
    await record(({ containers }) => {
      // Meanwhile it may have been stopped, or another one asked for in its place: what is on its way counts too.
      const now = containers.get(name);
      const isSame = now?.engineId === engineId && changed.includes(now.status);
      return isSame ? [{ type: 'container.adopted', stream: `container:${name}`, data }] : [];
    }, origin);
  }
}
