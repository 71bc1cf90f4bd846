import { describe, expect, test } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { HeardRequests } from '../../simulator/agents/web-requests.ts';
import { pinnedByRollback } from '../../simulator/invariants/pins.ts';
import { lastEnd, pauseMs, restsFor } from '../../simulator/invariants/restarts.ts';

const stream = 'container:a';

/** Events of one container, with the minute of each. */
function story(...told: readonly (readonly [minute: number, type: string, data?: object])[]): EventEnvelope[] {
  return told.map(([minute, type, data = {}]) => {
    return { stream, type, data, time: new Date(minute * 60_000).toISOString() } as unknown as EventEnvelope;
  });
}

const failed = { exitCode: 1, reason: 'ended' };

describe('what the simulator expects of a container that ended', () => {
  test('each failure in a row makes its pause longer, up to five minutes', () => {
    const pauses = Array.from({ length: 8 }, (_, n) => {
      const again = Array.from({ length: n + 1 }, (_end, i) => [i, 'container.exited', failed] as const);
      return pauseMs(lastEnd(story(...again), stream) ?? expect.fail());
    });
    expect(pauses).toEqual([1, 10, 20, 40, 80, 160, 300, 300].map((seconds) => seconds * 1_000));
  });

  test('ten healthy minutes are forgiveness, nine are not', () => {
    const pauseAfter = (minutes: number) => {
      const end = lastEnd(
        story([0, 'container.exited', failed], [1, 'container.healthy'], [1 + minutes, 'container.exited', failed]),
        stream,
      );
      return pauseMs(end ?? expect.fail());
    };
    expect([pauseAfter(9), pauseAfter(10)]).toEqual([10_000, 1_000]);
  });

  test('what an engine takes with it is none of its failures', () => {
    const end = lastEnd(
      story([0, 'container.exited', failed], [1, 'container.exited', { ...failed, reason: 'engineAway' }]),
      stream,
    );
    expect(pauseMs(end ?? expect.fail())).toBe(1_000);
  });

  test.each([
    ['container.exited', failed, [false, false, true]],
    ['container.exited', { ...failed, exitCode: 0 }, [false, true, true]],
    ['container.lost', {}, [false, false, true]],
    ['container.startFailed', {}, [false, false, false]],
  ])('after %s %j it rests for always, on-failure, never: %j', (type, data, rests) => {
    const end = lastEnd(story([0, type, data]), stream) ?? expect.fail();
    expect((['always', 'on-failure', 'never'] as const).map((policy) => restsFor(end, policy))).toEqual(rests);
  });
});

describe('what the simulator takes for pinned', () => {
  const id = 'localhost/demo';
  const asked = (release: number, of: 'deploy' | 'rollback' | 'push' = 'deploy') => ({
    type: 'deployment.requested',
    data: { release, trigger: of === 'push' ? 'push' : 'operator', pinned: of === 'rollback' ? {} : null },
  });
  const rolledBack = (release: number) => ({ type: 'deployment.rolledBack', data: { release } });
  const noSource = (release: number) => ({ type: 'release.failed', release, data: { stage: 'source' } });
  const isPinned = (...told: readonly { type: string; release?: number; data: object }[]) => {
    const events = told.map(({ release, ...rest }) => {
      return { ...rest, stream: release === undefined ? `deployment:${id}` : `release:${id}#${release}` };
    });
    return pinnedByRollback(events as unknown as EventEnvelope[], id);
  };

  test.each([
    ['a rollback that was asked for', [asked(1), asked(2, 'rollback')], true],
    ['one that is what serves already', [asked(1), rolledBack(1)], true],
    ['a deploy after it', [asked(1, 'rollback'), asked(2)], false],
    ['a deploy after it that finds no source', [asked(1, 'rollback'), asked(2), noSource(2)], true],
    [
      'a deploy that was asked for before the rollback came to serve',
      [asked(1, 'rollback'), asked(2), rolledBack(1)],
      false,
    ],
    ['a push after it', [asked(1, 'rollback'), asked(2, 'push')], true],
    ['the end of the deployment', [asked(1, 'rollback'), { type: 'deployment.removed', data: {} }], false],
  ])('%s', (_what, told, pinned) => {
    expect(isPinned(...told)).toBe(pinned);
  });
});

test('a simulated service takes whole requests out of pieces of any size', () => {
  const text = [
    'GET / HTTP/1.1\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    'GET /last HTTP/1.1\r\n\r\n',
  ].join('');
  for (const size of [1, 7, text.length]) {
    const requests = new HeardRequests();
    const heard = [];
    for (let at = 0; at < text.length; at += size) heard.push(...requests.hear(text.slice(at, at + size)));
    expect(heard.map(({ body }) => body)).toEqual(['', 'hello', 'hello', '']);
    expect(heard.at(-1)?.head).toBe('GET /last HTTP/1.1');
  }
});
