import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { EngineNotice } from '../../../adapters/engine/engine-port.ts';
import { watchEvents } from '../../../adapters/engine/event-watch.ts';

/** A watch whose streams and refusals the test decides. */
function scripted() {
  const attempts: { resolve(stream: PassThrough): void; reject(): void; signal: AbortSignal }[] = [];
  const notices: EngineNotice[] = [];
  const waits: number[] = [];
  const watch = watchEvents({
    open: (signal) =>
      new Promise((resolve, reject) => attempts.push({ resolve, reject: () => reject(new Error('down')), signal })),
    translate: (line) => (line === 'ping' ? null : { kind: 'changed', name: line }),
    listener: (notice) => notices.push(notice),
    backoff: (attempt) => {
      waits.push(attempt);
      return 0;
    },
  });
  const attempt = async (n: number) => {
    while (attempts.length < n) await turn();
    return attempts[n - 1] as (typeof attempts)[number];
  };
  return { watch, notices, waits, attempts, attempt };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

test('events become notices, a line may come in pieces', async () => {
  const world = scripted();
  const stream = new PassThrough();
  (await world.attempt(1)).resolve(stream);
  for (const piece of ['on', 'e\npi', 'ng\ntwo\nthr']) stream.write(piece);
  while (world.notices.length < 2) await turn();
  expect(world.notices).toEqual([
    { kind: 'changed', name: 'one' },
    { kind: 'changed', name: 'two' },
  ]);
  world.watch.close();
});

test('a break is a gap, when it happens and again when the stream stands', async () => {
  const world = scripted();
  const stream = new PassThrough();
  (await world.attempt(1)).resolve(stream);
  await turn();
  stream.destroy(new Error('reset'));
  (await world.attempt(2)).reject();
  (await world.attempt(3)).reject();
  expect(world.notices).toEqual([{ kind: 'gap' }]);
  const again = new PassThrough();
  (await world.attempt(4)).resolve(again);
  again.write('one\n');
  while (world.notices.length < 3) await turn();
  expect(world.notices).toEqual([{ kind: 'gap' }, { kind: 'gap' }, { kind: 'changed', name: 'one' }]);
  expect(world.waits).toEqual([1, 2, 3]);
  world.watch.close();
});

test('after close nothing is told, opened or left open', async () => {
  const world = scripted();
  const stream = new PassThrough();
  const attempt = await world.attempt(1);
  attempt.resolve(stream);
  await turn();
  world.watch.close();
  expect(attempt.signal.aborted).toBe(true);
  while (!stream.destroyed) await turn();
  await turn();
  expect(world.notices).toEqual([]);
  expect(world.attempts).toHaveLength(1);
});
