import { describe, expect, it } from 'vitest';
import { crashAtEveryPrefix, type Engine } from './crash-prefix.ts';
import { sayFigures } from './say-figures.ts';

// Some hundred lives, one after the other.
describe('a server that ends after each event of a history, and is started anew', { timeout: 60_000 }, () => {
  it.each<Engine>(['as told', 'one step ahead', 'rebooted'])('comes to one end, with the engine %s', (engine) => {
    const figures = crashAtEveryPrefix(2, engine);
    sayFigures(`crash at every prefix, engine ${engine}`, null, figures);
    expect(figures.prefixes).toBeGreaterThan(100);
  });
});
