import { afterEach, expect, it, vi } from 'vitest';
import type {
  Engine,
  EngineNotice,
  InspectedContainer,
  ObservedContainer,
} from '../../../adapters/engine/engine-port.ts';
import { OneAtATime } from '../../../adapters/engine/one-at-a-time.ts';
import { Observer } from '../../../adapters/pipeline/observer.ts';
import type { World } from '../../../adapters/pipeline/world.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyDraft } from '../../../core/events/catalogue.ts';
import type { Container } from '../../../projections/containers.ts';
import type { Views } from '../../../projections/views.ts';
import { settle } from '../../scripted-world.ts';
import { cloudId, deploy, initialized, type Story } from '../../story.ts';

const name = `ploinky-localhost-demo-1-${cloudId.slice(0, 6)}`;
const seen: ObservedContainer = {
  name,
  engineId: 'id',
  deployment: 'localhost/demo',
  release: 1,
  specHash: 'x',
  status: 'running',
  exitCode: null,
  oomKilled: false,
  hostPort: null,
};
const hangs = async (): Promise<never> => {
  throw new PloinkyError('ENGINE_TIMEOUT', 'It hangs.');
};

let observer: Observer | undefined;
/** What was on its way into the log when something else is recorded. */
let meanwhile = () => {};
afterEach(() => observer?.close());

/** A story that serves, watched over an engine that does what a test says. */
function watched(change: Partial<Engine> = {}) {
  const story = initialized();
  story.ask(deploy());
  settle(story);
  const engine = {
    name: 'process',
    endpoint: 'e',
    list: async () => [seen],
    version: async () => '1',
    output: async () => '',
    remove: vi.fn(async () => true),
    watch: vi.fn(() => ({ close: vi.fn() })),
    ...change,
  };
  return { story, engine, ...watch(story, engine) };
}

function watch(story: Story, engine: object, behind?: object) {
  const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const world = {
    views: story.views,
    engines: { get: async () => engine },
    record: async (outcome: readonly PloinkyDraft[] | ((views: Views) => readonly PloinkyDraft[])) => {
      meanwhile();
      meanwhile = () => {};
      const drafts = typeof outcome === 'function' ? outcome(story.views) : outcome;
      story.tell(...drafts);
      return story.events.slice(-drafts.length);
    },
    secrets: {},
    logger,
    turns: new OneAtATime(),
    now: () => story.clock,
  };
  const guarded = behind ? { ...world, views: behind } : world;
  observer = new Observer(world as unknown as World, guarded as unknown as World);
  return { observer, logger, from: story.events.length };
}

it('an engine that hangs is told of once, however often it is looked at, and once when it answers again', async () => {
  const { story, engine, observer, logger, from } = watched();
  const types = () => story.events.slice(from).map(({ type }) => type);
  await observer.look('process');
  expect(types()).toEqual(['container.adopted']);
  engine.list = hangs;
  for (let i = 0; i < 5; i += 1) await observer.look('process');
  expect(types().slice(1)).toEqual(['engine.disconnected']);
  expect(logger.error).toHaveBeenCalledTimes(1);
  engine.list = async () => [seen];
  engine.version = hangs;
  // It lists and hangs all the same: that is no answer yet.
  for (let i = 0; i < 5; i += 1) await observer.look('process');
  expect(types().slice(2)).toEqual([]);
  engine.version = async () => '2';
  for (let i = 0; i < 5; i += 1) await observer.look('process');
  expect(types().slice(2)).toEqual(['engine.connected', 'observation.gap']);
  // Its old stream of events might never say anything again.
  expect(engine.watch).toHaveBeenCalledTimes(2);
});

it('an engine that was away when the server ended is not told of again; what happened meanwhile is', async () => {
  const { story } = watched();
  const problem = { code: 'ENGINE_TIMEOUT', message: 'It hangs.', hint: null };
  story.tell({ type: 'engine.disconnected', stream: 'engine:process', data: { engine: 'process', problem } });
  await observer?.close();
  const engine = {
    name: 'process',
    endpoint: 'e',
    list: hangs,
    version: async () => '1',
    watch: () => ({ close() {} }),
  };
  const next = watch(story, engine);
  await next.observer.look('process');
  expect(story.events.length).toBe(next.from);
  engine.list = (async () => []) as never;
  await next.observer.look('process');
  expect(story.events.slice(next.from).map(({ type }) => type)).toEqual([
    'container.lost',
    'engine.connected',
    'observation.gap',
  ]);
});

it('a container without an event that cannot be removed is no reason to think that the engine is away', async () => {
  const stray = { ...seen, name: 'ploinky-stray' };
  const { story, engine, observer, from } = watched({ list: async () => [seen, stray], remove: vi.fn(hangs) });
  await observer.look('process');
  await observer.look('process');
  expect(engine.remove).toHaveBeenCalledTimes(2);
  expect(story.events.slice(from).map(({ type }) => type)).toEqual(['container.adopted']);
});

/** A container that is well, in an engine whose words about it can be changed. */
async function inspectable() {
  const said = { engineId: 'id', status: 'running', startedAt: '2026-11-21T10:00:00Z' };
  let listener = (_notice: EngineNotice) => {};
  const { story, engine, observer, from } = watched({
    inspect: async () => said as InspectedContainer,
    watch: vi.fn((given: typeof listener) => {
      listener = given;
      return { close: vi.fn() };
    }),
  });
  await observer.look('process');
  const data = { transport: 'http', bootId: 'b', afterMs: 1, port: null } as const;
  const well = () => story.tell({ type: 'container.healthy', stream: `container:${name}`, data });
  well();
  await observer.look('process');
  return { story, engine, observer, from, said, well, notice: (given: EngineNotice) => listener(given) };
}

it('a container that somebody stopped and started, its end seen in between, is taken over again', async () => {
  const { story, engine, observer, from, said, notice } = await inspectable();
  said.status = 'exited';
  engine.list = async () => [{ ...seen, status: 'exited', exitCode: 0 }];
  notice({ kind: 'changed', name });
  await observer.look('process');
  Object.assign(said, { status: 'running', startedAt: '2026-11-21T10:05:00Z' });
  engine.list = async () => [seen];
  notice({ kind: 'changed', name });
  await observer.look('process');
  await observer.look('process');
  const types = story.events.slice(from).map(({ type }) => type);
  expect(types).toEqual(['container.adopted', 'container.healthy', 'container.exited', 'container.adopted']);
  expect(story.views.containers.get(name)?.status).toBe('started');
});

it('a container that somebody restarted is taken over again, once, however the engine lists it', async () => {
  const { story, observer, from, said, well, notice } = await inspectable();
  said.startedAt = '2026-11-21T10:05:00Z';
  notice({ kind: 'changed', name });
  await observer.look('process');
  well();
  await observer.look('process');
  notice({ kind: 'gap' });
  await observer.look('process');
  const told = story.events.slice(from).filter(({ type }) => type === 'container.adopted');
  expect(told.map(({ data }) => data)).toEqual([{ engineId: 'id' }, { engineId: 'id', restarted: true }]);
});

it('one that is asked for again in the same moment is not taken for one that somebody started', async () => {
  const { story, observer, from, said, notice } = await inspectable();
  const data = { exitCode: 0, signal: null, oomKilled: false, output: '', reason: 'ended' } as const;
  story.tell({ type: 'container.exited', stream: `container:${name}`, data });
  said.startedAt = '2026-11-21T10:05:00Z';
  const again = story.views.containers.get(name) as Container;
  meanwhile = () => {
    const { deployment, release, replica, engine, specHash } = again;
    const wanted = { name, deployment, release, replica, engine, specHash, attempt: 2 };
    story.tell({ type: 'container.startRequested', stream: `container:${name}`, data: wanted });
  };
  notice({ kind: 'changed', name });
  await observer.look('process');
  expect(story.events.slice(from).at(-1)?.type).toBe('container.startRequested');
});

it('removes no network where what the log has of them is not known', async () => {
  const list = async () => [{ name: 'needed', engineId: 'n', deployment: 'localhost/demo' }];
  const networks = { list, remove: vi.fn(async () => true) };
  const { story, engine } = watched();
  await observer?.close();
  const behind = {
    get networks(): never {
      throw new PloinkyError('PROJECTION_STOPPED', 'The projection networks stopped.');
    },
  };
  const { observer: guarded, logger } = watch(story, { ...engine, networks }, behind);
  await guarded.lookAtAll();
  expect(networks.remove).not.toHaveBeenCalled();
  expect(logger.warn).toHaveBeenCalledTimes(1);
});
