import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { RedeployGround } from './redeploy-ground.ts';
import { SteadyLoad } from './steady-load.ts';

let ground: RedeployGround;
beforeAll(async () => {
  ground = await RedeployGround.make({ settings: { drainTimeoutMs: 3_000 } });
});
afterAll(() => ground?.clear());

/** What each of the containers that were replaced was told to have drained. */
async function drained({ operator }: RedeployGround): Promise<{ who: string; whole: boolean }[]> {
  const events = (await operator.history('type=container.drained&limit=1000')) as EventEnvelope<
    string,
    { whole: boolean }
  >[];
  return events.map(({ stream, data }) => {
    return { who: stream.replace(/^container:ploinky-localhost-([a-z]+)-.*$/, '$1'), whole: data.whole };
  });
}

describe.each([
  ['one process', 3, 1],
  ['two workers', 2, 2],
])('redeploys under load, served by %s', (_name, redeploys, workersCount) => {
  let before = 0;
  beforeAll(async () => {
    before = ground.release;
    if (workersCount === 1) return;
    await ground.operator.set({ workersCount });
    await ground.restart();
  });

  it('fail no request, and let a WebSocket stay until its drain is over', async () => {
    const { url } = ground.server;
    const load = new SteadyLoad({ url, rate: 60, longMs: 300, sockets: 1, streams: 1, retries: false }, before);
    load.start();
    try {
      for (let i = 0; i < redeploys; i += 1) await ground.redeploy(load);
      // Each of them was closed by its program, on SIGTERM, and opened again at the release of then.
      await ground.gone(3 * (ground.release - 1));
    } finally {
      await load.stop();
    }
    expect(load.failures).toEqual([]);
    for (const kind of ['call', 'longCall', 'page', 'post', 'longPage', 'socket', 'stream'] as const) {
      expect(load.counts[kind].whole, kind).toBeGreaterThan(0);
    }
    const all = (await drained(ground)).slice(3 * (before - 1));
    const wholes = (who: string) => all.filter((one) => one.who === who).map(({ whole }) => whole);
    expect(wholes('caller')).toEqual(Array(redeploys).fill(true));
    expect(wholes('plain')).toEqual(Array(redeploys).fill(true));
    // Its streams do not end by themselves.
    expect(wholes('web')).toContain(false);
  }, 240_000);
});
