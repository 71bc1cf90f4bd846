import { isPloinkyError, problemOf } from '../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import { observe, type Sighting } from '../../decisions/observe.ts';
import type { Container } from '../../projections/containers.ts';
import type { Engine } from '../engine/engine-port.ts';
import type { Redact } from '../secrets/redact.ts';
import { redactorOf } from '../secrets/release-values.ts';
import { lastLines } from './install-release.ts';
import { removeLeftNetworks } from './left-networks.ts';
import { StartedAnew } from './started-anew.ts';
import type { World } from './world.ts';

/** Engines tell of changes at once; this catches what they forgot to tell. */
const lookEveryMs = 30_000;
/** Docker tells of an end before its own list knows of it, while it still cleans up. */
const lookAgainMs = [250, 2_000];
const listWithinMs = 10_000;
/** Between two looks at an engine that does not answer: doubled from the one up to the other. */
const leastAwayMs = 1_000;
const mostAwayMs = 15_000;
/** Podman tells of an end before it gives out the last words: silence is asked about again. */
const outputAfterMs = [0, 100, 300];

/** Keeps the log true to what engines really run: by listing, and woken by their notices. */
export class Observer {
  readonly #world: World;
  readonly #guarded: World;
  readonly #watches = new Map<string, { close(): void }>();
  readonly #looking = new Map<string, { current: Promise<void>; again: boolean }>();
  /** Of a former run of the server, until their engine was seen. */
  readonly #inherited: Set<string>;
  /** Engines that do not answer, and since when. */
  readonly #unreachable = new Map<string, string>();
  /** The next look at each of them. */
  readonly #away = new Map<string, { readonly timer: NodeJS.Timeout; readonly waitMs: number }>();
  /** Engines whose notices broke off since they were last looked at. */
  readonly #gaps = new Set<string>();
  readonly #startedAnew: StartedAnew;
  /** Looks that follow a notice, by engine. */
  readonly #later = new Map<string, NodeJS.Timeout[]>();
  readonly #timer: NodeJS.Timeout;
  #closed = false;

  /** @param guarded the same, with views that throw where they are behind the log; what removes by what the log lacks reads these */
  constructor(world: World, guarded: World = world) {
    this.#world = world;
    this.#guarded = guarded;
    this.#startedAnew = new StartedAnew(world);
    this.#inherited = new Set(world.views.containers.keys());
    for (const { name, connected, since } of world.views.engines.values()) {
      // Told of already, by a former run of the server.
      if (!connected) this.#unreachable.set(name, since);
    }
    this.#timer = setInterval(() => this.lookAtAll(), lookEveryMs);
    this.#timer.unref();
  }

  /** Every engine that should be running something, or may still have what a crash left there. */
  async lookAtAll(): Promise<void> {
    const { containers, engines } = this.#world.views;
    const names = new Set([...containers.values()].map((container) => container.engine));
    for (const { name, connected } of engines.values()) if (connected) names.add(name);
    for (const name of this.#unreachable.keys()) names.add(name);
    for (const name of this.#watches.keys()) names.add(name);
    await Promise.all([...names].map((name) => this.#lookAround(name)));
  }

  /** What runs in it, and then what else of ours is there. */
  async #lookAround(name: string): Promise<void> {
    await this.look(name);
    if (this.#closed || this.#unreachable.has(name)) return;
    const { engines, logger } = this.#world;
    try {
      await removeLeftNetworks(this.#guarded, await engines.get(name), AbortSignal.timeout(listWithinMs));
    } catch (error) {
      if (!this.#closed) logger.warn({ engine: name, err: error }, 'what is left of networks could not be looked for');
    }
  }

  /** One look at an engine; calls during a look share the next one. Never rejects. */
  look(name: string): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const under = this.#looking.get(name);
    if (under) {
      if (under.again) return under.current;
      under.again = true;
      under.current = under.current.then(() => this.#begin(name));
      return under.current;
    }
    return this.#begin(name);
  }

  /** Begins to watch an engine that is about to run something. */
  attend(name: string): void {
    if (!this.#watches.has(name)) void this.look(name);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const { timer } of this.#away.values()) clearTimeout(timer);
    for (const timers of this.#later.values()) for (const timer of timers) clearTimeout(timer);
    for (const watch of this.#watches.values()) watch.close();
    await Promise.all([...this.#looking.values()].map(({ current }) => current));
  }

  #begin(name: string): Promise<void> {
    const current = this.#lookNow(name).finally(() => {
      if (this.#looking.get(name)?.current === current) this.#looking.delete(name);
    });
    this.#looking.set(name, { current, again: false });
    return current;
  }

  async #lookNow(name: string): Promise<void> {
    const { views, engines, logger } = this.#world;
    let seen: { engine: Engine; sightings: readonly Sighting[]; asked: ReadonlyMap<string, string>; version: string };
    try {
      const engine = await engines.get(name);
      this.#watch(engine);
      const asked = new Map([...views.containers.values()].map((container) => [container.name, container.lastEvent]));
      const sightings = await engine.list(AbortSignal.timeout(listWithinMs));
      // Before it counts as answering again it has to answer more than that.
      const version = this.#unreachable.has(name) ? await engine.version(AbortSignal.timeout(listWithinMs)) : '';
      seen = { engine, sightings, asked, version };
    } catch (error) {
      await this.#lostSight(name, error);
      return;
    }
    try {
      await this.#compare(seen.engine, seen.sightings, seen.asked);
      await this.#startedAnew.record(seen.engine, AbortSignal.timeout(listWithinMs));
      await this.#reachable(seen.engine, seen.version);
    } catch (error) {
      // It is looked at again: what the log could not take now it takes then.
      if (!this.#closed) logger.error({ engine: name, err: error }, 'what an engine runs could not be recorded');
    }
  }

  async #compare(engine: Engine, sightings: readonly Sighting[], asked: ReadonlyMap<string, string>): Promise<void> {
    const { views, record } = this.#world;
    const findings = observe(views, {
      engine: engine.name,
      sightings,
      asked,
      adopt: this.#inherited,
      away: this.#unreachable.has(engine.name) || this.#gaps.delete(engine.name),
    });
    for (const { name, engine: of } of views.containers.values()) if (of === engine.name) this.#inherited.delete(name);
    for (const draft of findings.drafts) {
      const container = views.containers.get(draft.stream.slice('container:'.length));
      const told =
        draft.type === 'container.exited' ? await withOutput(engine, draft, await this.#redactorOf(container)) : draft;
      const origin = { actor: 'system:observer', cause: container?.lastEvent ?? null, trace: container?.trace ?? '' };
      await record([told], origin);
    }
    for (const name of findings.orphans) await this.#removeOrphan(engine, name);
  }

  async #removeOrphan(engine: Engine, name: string): Promise<void> {
    const { views, logger } = this.#world;
    if (views.containers.has(name)) return;
    const about = { container: name, engine: engine.name };
    logger.warn(about, 'removing a container of ours that no event names');
    try {
      await engine.remove(name, AbortSignal.timeout(listWithinMs));
    } catch (error) {
      // It says nothing of the engine, and is tried again with the next look.
      logger.warn({ ...about, err: error }, 'a container of ours that no event names could not be removed');
    }
  }

  #redactorOf(container: Container | undefined): Promise<Redact> {
    const { views, secrets } = this.#world;
    return redactorOf(secrets, views.releases.get(`${container?.deployment}#${container?.release}`));
  }

  #watch(engine: Engine): void {
    if (this.#closed || this.#watches.has(engine.name)) return;
    this.#watches.set(
      engine.name,
      engine.watch((notice) => {
        if (notice.kind === 'gap') this.#gaps.add(engine.name);
        this.#startedAnew.noticed(engine.name, notice);
        this.#noticed(engine.name);
      }),
    );
  }

  #noticed(name: string): void {
    void this.look(name);
    for (const timer of this.#later.get(name) ?? []) clearTimeout(timer);
    const again = lookAgainMs.map((ms) => setTimeout(() => void this.look(name), ms).unref());
    this.#later.set(name, again);
  }

  async #lostSight(name: string, error: unknown): Promise<void> {
    if (this.#closed) return;
    const { record, logger, now } = this.#world;
    this.#lookSoon(name);
    if (this.#unreachable.has(name)) return;
    logger.error({ engine: name, err: error }, 'the engine does not answer');
    this.#unreachable.set(name, new Date(now()).toISOString());
    const problem = problemOf(isPloinkyError(error) ? error : new Error());
    const data = { engine: name, problem };
    await record([{ type: 'engine.disconnected', stream: `engine:${name}`, data }], origin()).catch(() => {});
  }

  /** Once more, the later the longer it has been away. */
  #lookSoon(name: string): void {
    const { timer, waitMs = leastAwayMs } = this.#away.get(name) ?? {};
    clearTimeout(timer);
    const next = setTimeout(() => void this.look(name), waitMs).unref();
    this.#away.set(name, { timer: next, waitMs: Math.min(waitMs * 2, mostAwayMs) });
  }

  async #reachable(engine: Engine, version: string): Promise<void> {
    const since = this.#unreachable.get(engine.name);
    if (since === undefined) return;
    clearTimeout(this.#away.get(engine.name)?.timer);
    this.#away.delete(engine.name);
    // Its old stream of events may be one that never says anything again.
    this.#watches.get(engine.name)?.close();
    this.#watches.delete(engine.name);
    this.#watch(engine);
    const { record, now, views, logger } = this.#world;
    const stream = `engine:${engine.name}`;
    const { name, endpoint } = engine;
    const until = new Date(now()).toISOString();
    logger.info({ engine: name, since }, 'the engine answers again');
    const connected: PloinkyDraft[] = views.engines.get(name)?.connected
      ? []
      : [{ type: 'engine.connected', stream, data: { engine: name, version, endpoint } }];
    await record([...connected, { type: 'observation.gap', stream, data: { engine: name, since, until } }], origin());
    // Only now: as long as the log says that it is away, nothing is begun there.
    this.#unreachable.delete(name);
  }
}

type Exited = Extract<PloinkyDraft, { type: 'container.exited' }>;

async function withOutput(engine: Engine, draft: Exited, redact: Redact): Promise<Exited> {
  const name = draft.stream.slice('container:'.length);
  const signal = AbortSignal.timeout(listWithinMs);
  let output = '';
  for (const waitMs of outputAfterMs) {
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    output = await engine.output(name, { tailLines: 20, signal }).catch(() => '');
    if (output.trim() !== '') break;
  }
  return { ...draft, data: { ...draft.data, output: lastLines(redact(output)) } };
}

function origin() {
  return { actor: 'system:observer', cause: null, trace: 'observer' };
}
