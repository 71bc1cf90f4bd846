import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Durations } from '../../../../adapters/http/traffic/durations.ts';

describe('Durations', () => {
  it('tells Prometheus what a histogram of prom-client tells', async () => {
    const bounds = [0.001, 0.01, 1];
    const [ours, theirs] = [new Registry(), new Registry()];
    const one = new Durations('took_seconds', 'How long it took.', bounds, ours);
    const other = new Histogram({
      name: 'took_seconds',
      help: 'How long it took.',
      buckets: bounds,
      registers: [theirs],
    });
    expect(await ours.metrics()).toBe(await theirs.metrics());
    for (const seconds of [0, 0.001, 0.0011, 0.5, 1, 1.0001, 7, 0.01]) {
      one.observe(seconds);
      other.observe(seconds);
    }
    expect(await ours.metrics()).toBe(await theirs.metrics());
  });
});
