import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followHistory, heartbeat } from '../../../../adapters/http/history/follow-history.ts';
import { ScriptedCloud } from '../scripted-cloud.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it('beats every 15 s when nothing happens, and ends with its signal', async () => {
  const cloud = new ScriptedCloud();
  const context = { actor: 'anonymous', trace: 't' };
  await cloud.initialize(context);
  const stop = new AbortController();
  const events = followHistory(cloud, { after: cloud.head().seq, filter: {}, signal: stop.signal });
  const beat = events.next();
  await vi.advanceTimersByTimeAsync(14_999);
  expect(await Promise.race([beat, 'nothing yet'])).toBe('nothing yet');
  await vi.advanceTimersByTimeAsync(1);
  expect(await beat).toEqual({ value: heartbeat, done: false });

  const next = events.next();
  await cloud.execute({ type: 'addDomain', name: 'a.example.org', enabled: true }, context);
  expect((await next).value).toMatchObject({ type: 'domain.added' });

  const last = events.next();
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  expect(await last).toEqual({ value: undefined, done: true });
  expect(cloud.subscribers).toBe(0);
});

it('keeps what happens between two reads', async () => {
  const cloud = new ScriptedCloud();
  await cloud.initialize({ actor: 'anonymous', trace: 't' });
  const stop = new AbortController();
  const events = followHistory(cloud, { after: 0, filter: {}, signal: stop.signal });
  const seqs: number[] = [];
  for await (const event of events) {
    if (event === heartbeat) continue;
    seqs.push(event.seq);
    if (event.seq < 20) {
      const name = `d${event.seq}.example.org`;
      cloud.append([{ type: 'domain.added', stream: `domain:${name}`, data: { name } }], { actor: 'a', trace: 't' });
    }
    if (event.seq === 20) break;
  }
  expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(cloud.subscribers).toBe(0);
});
