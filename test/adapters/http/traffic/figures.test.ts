import { describe, expect, it } from 'vitest';
import { type CallCount, summarize } from '../../../../adapters/http/traffic/metrics-answer.ts';
import { loggableUrl } from '../../../../adapters/http/traffic/request-log.ts';
import { Traffic } from '../../../../adapters/http/traffic/traffic.ts';

const now = Date.parse('2026-03-01T12:34:56Z');
const call = (changes: Partial<CallCount>): CallCount => ({
  at: now,
  deployment: 'localhost/demo',
  command: 'hello',
  count: 1,
  failures: 0,
  totalMs: 10,
  minMs: 10,
  maxMs: 10,
  ...changes,
});

describe('summarize', () => {
  it('is honest about nothing', () => {
    const answer = summarize('1h', now, [], []);
    expect(answer).toMatchObject({ totalRequests: 0, errorRate: '0.00%', avgResponseTime: '0.00', agents: {} });
    expect(answer.series).toHaveLength(61);
  });

  it('adds up by agent, command and time', () => {
    const calls = [
      call({ count: 3, failures: 1, totalMs: 60, minMs: 5, maxMs: 40 }),
      call({ at: now - 86_400_000, command: 'bye', totalMs: 2, minMs: 2, maxMs: 2 }),
      call({ deployment: 'localhost/', totalMs: 7, minMs: 7, maxMs: 7 }),
    ];
    const answer = summarize('7d', now, calls, []);
    expect(answer.totalRequests).toBe(5);
    expect(answer.errorRate).toBe('20.00%');
    expect(answer.agents).toEqual({
      demo: { count: 4, avgDuration: '15.50', minDuration: 2, maxDuration: 40, errorRate: '25.00%' },
      root: { count: 1, avgDuration: '7.00', minDuration: 7, maxDuration: 7, errorRate: '0.00%' },
    });
    expect(Object.keys(answer.commands)).toEqual(['demo:bye', 'demo:hello', 'root:hello']);
    expect(answer.series.map(({ date, requests }) => [date, requests]).slice(-2)).toEqual([
      ['2026-02-28', 1],
      ['2026-03-01', 4],
    ]);
    expect(answer.series.reduce((sum, point) => sum + point.requests, 0)).toBe(5);
  });

  it('never merges two deployments: those that share a name are named whole', () => {
    const at = [
      'localhost/demo',
      'x.org/demo',
      'localhost/demo/deep',
      'localhost/',
      'localhost/root',
      'localhost/shop',
    ];
    const answer = summarize(
      '1h',
      now,
      at.map((deployment) => call({ deployment })),
      [],
    );
    const names = [...at.slice(0, 5), 'shop'].sort();
    expect(Object.keys(answer.agents)).toEqual(names);
    expect(Object.keys(answer.commands)).toEqual(names.map((name) => `${name}:hello`).sort());
  });

  it('takes agents named like properties of objects', () => {
    const answer = summarize('1h', now, [call({ deployment: 'localhost/constructor' })], []);
    expect(Object.keys(answer.agents)).toEqual(['constructor']);
  });
});

describe('Traffic', () => {
  it('counts by minute and keeps a day', () => {
    let time = now;
    const traffic = new Traffic(() => time);
    traffic.record(200, 4);
    traffic.record(401, 2);
    time += 60_000;
    traffic.record(500, 1);
    expect([traffic.requests, traffic.errors, traffic.unauthorized]).toEqual([3, 2, 1]);
    expect(traffic.minutes(now).map(({ requests }) => requests)).toEqual([2, 1]);
    expect(traffic.minutes(time).map(({ requests }) => requests)).toEqual([1]);
    for (let i = 0; i < 2_000; i += 1) {
      time += 60_000;
      traffic.record(200, 1);
    }
    expect(traffic.minutes(0)).toHaveLength(24 * 60);
  });
});

describe('loggableUrl', () => {
  it.each([
    ['/demo/hello?name=World', '/demo/hello?name=World'],
    ['/demo?apiKey=abc&x=1', '/demo?apiKey=***&x=1'],
    ['/demo?access_token=abc', '/demo?access_token=***'],
    [`/demo?x=sk_${'a'.repeat(43)}`, '/demo?x=***'],
    [`/demo/${'0123456789abcdef'.repeat(4)}`, '/demo/***'],
  ])('%s', (url, shown) => expect(loggableUrl(url)).toBe(shown));

  it('is short', () => expect(loggableUrl(`/${'x'.repeat(10_000)}`).length).toBeLessThan(2_010));
});
