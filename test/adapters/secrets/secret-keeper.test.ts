import { beforeEach, describe, expect, it } from 'vitest';
import { createMemorySecrets } from '../../../adapters/secrets/memory-secrets.ts';
import { SecretKeeper } from '../../../adapters/secrets/secret-keeper.ts';
import type { SecretStore } from '../../../adapters/secrets/secret-store.ts';
import { errorFromProblem } from '../../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../../core/events/catalogue.ts';
import type { Command } from '../../../decisions/commands.ts';
import { decide } from '../../../decisions/decide.ts';
import { initialized, type Story } from '../../story.ts';

const origin = { actor: 'admin:k_1', cause: null, trace: 'trace' };
const set = (name = 'token', how: 'set' | 'rotate' = 'set') => ({ type: 'setSecret', name, how }) as const;
const remove = (name = 'token') => ({ type: 'removeSecret', name, force: false }) as const;

class Crash extends Error {}

let story: Story;
let store: SecretStore;
let logged: string[];
/** Steps that have begun, in order. */
let steps: string[];
/** The step during which the server is killed. */
let crashAt: string | null;
const answered = new Map<string, readonly PloinkyEvent[]>();

function step(name: string): void {
  steps.push(name);
  if (name === crashAt) throw new Crash(name);
}

/** A keeper of a server that has just been started. */
function keeper(): SecretKeeper {
  const note = (_fields: object, message: string) => logged.push(message);
  const logger = { debug: note, info: note, warn: note, error: note };
  const watched: SecretStore = {
    ...store,
    put: async (...args) => {
      step('put');
      await store.put(...args);
    },
    remove: async (name) => {
      step('destroy');
      await store.remove(name);
    },
  };
  const execute = async (command: Command, _origin: unknown, key?: string) => {
    const before = key === undefined ? undefined : answered.get(key);
    if (before) return before;
    step('append');
    const decision = decide(story.views, command);
    if (decision.kind === 'refused') throw errorFromProblem(decision.problem);
    story.tell(...decision.events);
    const events = story.events.slice(-decision.events.length);
    if (key !== undefined) answered.set(key, events);
    return events;
  };
  return new SecretKeeper({ secrets: watched, views: story.views, logger }, execute);
}

beforeEach(() => {
  story = initialized();
  store = createMemorySecrets();
  logged = [];
  steps = [];
  crashAt = null;
  answered.clear();
});

describe('a new value', () => {
  it('is stored before the event that names it', async () => {
    expect(await keeper().set(set(), 'one', origin)).toBe(1);
    expect(steps).toEqual(['put', 'append']);
    expect(await store.get('token', 1)).toBe('one');
  });

  it('that no event named, since the server was killed between, is replaced by the next', async () => {
    crashAt = 'append';
    await expect(keeper().set(set(), 'lost', origin)).rejects.toThrow(Crash);
    crashAt = null;
    await keeper().resume();
    expect(await keeper().set(set(), 'kept', origin)).toBe(1);
    expect(await store.get('token', 1)).toBe('kept');
  });

  it('is not stored at all where it is refused', async () => {
    await expect(keeper().set(set('token', 'rotate'), 'one', origin)).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
    });
    for (const value of ['', 'a\0b', 'x'.repeat(65_537), '\ud800', 5, null]) {
      await expect(keeper().set(set(), value, origin)).rejects.toMatchObject({ code: 'SECRET_VALUE_INVALID' });
    }
    expect(steps).toEqual([]);
  });

  it('with the same idempotency key has its effect once, and another value under it is refused', async () => {
    const one = keeper();
    expect(await one.set(set(), 'one', origin, 'k')).toBe(1);
    expect(await one.set(set(), 'one', origin, 'k')).toBe(1);
    await expect(one.set(set(), 'two', origin, 'k')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(story.views.secrets.get('token')?.versions).toEqual([1]);
    await expect(store.get('token', 2)).rejects.toMatchObject({ code: 'SECRET_MISSING' });
  });

  it('waits for the one before it, so that both have a version of their own', async () => {
    const one = keeper();
    expect(await Promise.all(['a', 'b', 'c'].map((value) => one.set(set(), value, origin)))).toEqual([1, 2, 3]);
    expect(await Promise.all([1, 2, 3].map((version) => store.get('token', version)))).toEqual(['a', 'b', 'c']);
  });
});

describe('a removal', () => {
  beforeEach(async () => {
    await keeper().set(set(), 'one', origin);
    await keeper().set(set(), 'two', origin);
    steps = [];
  });

  it('is in the log before the values go', async () => {
    expect(await keeper().remove(remove(), origin)).toEqual([1, 2]);
    expect(steps).toEqual(['append', 'destroy']);
    expect(await store.names()).toEqual([]);
  });

  it('that was cut off, by the disk or by the end of the server, is ended by the next start', async () => {
    crashAt = 'destroy';
    await expect(keeper().remove(remove(), origin)).rejects.toMatchObject({ code: 'SECRET_NOT_DESTROYED' });
    expect(await store.names()).toEqual(['token']);
    crashAt = null;
    await keeper().resume();
    expect(await store.names()).toEqual([]);
    expect(logged).toEqual(['destroyed a value whose removal had been cut off']);
  });

  it('that was stored although its write had failed is carried out when the log tells of it', async () => {
    await keeper().removed('token');
    expect(await store.get('token', 2)).toBe('two');
    story.ask(remove());
    await keeper().removed('token');
    expect(await store.names()).toEqual([]);
  });

  it('that the log tells of and the disk refuses is told of', async () => {
    story.ask(remove());
    crashAt = 'destroy';
    await keeper().removed('token');
    expect(logged).toEqual(['a value is still there']);
  });

  it('that never reached the log destroys nothing', async () => {
    crashAt = 'append';
    await expect(keeper().remove(remove(), origin)).rejects.toThrow(Crash);
    crashAt = null;
    await keeper().resume();
    expect(await store.get('token', 2)).toBe('two');
  });
});

it('a start goes on without a key, and says what will not work', async () => {
  const broken = { ...store, check: () => Promise.reject(new Error('no key')) };
  store = broken;
  await keeper().resume();
  expect(logged).toEqual(['secrets cannot be read; containers that need them will not start']);
});

it('a removal that the log told of harms nobody where the secrets of the log are not known', async () => {
  const views = {
    get secrets(): never {
      throw new Error('The projection secrets stopped.');
    },
  } as never;
  const logger = { error: (_fields: object, message: string) => logged.push(message) } as never;
  const guarded = new SecretKeeper({ secrets: store, views, logger }, async () => []);
  await guarded.removed('token');
  expect(logged).toEqual(['a value is still there']);
});
