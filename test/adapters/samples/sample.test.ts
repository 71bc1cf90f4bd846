import { describe, expect, it } from 'vitest';
import { mergedRounds, parseRound, roundText } from '../../../adapters/samples/sample.ts';
import { sample } from './one-sample.ts';

describe('a round of samples', () => {
  it('comes back from its line, and nothing from a torn one', () => {
    const round = { at: 1_700_000_000_000, samples: [sample(), sample({ replica: 2, cpuPercent: null })] };
    const text = roundText(round);
    expect(parseRound(text)).toEqual(round);
    for (let length = 0; length < text.length - 1; length += 1) expect(parseRound(text.slice(0, length))).toBeNull();
  });

  it('is added up as it comes, so that a slice may be a week of them', () => {
    function* week() {
      for (let at = 0; at < 60_000; at += 1) yield { at, samples: [sample({ cpuPercent: at % 2, pids: at })] };
    }
    expect(mergedRounds(0, week()).samples).toEqual([sample({ cpuPercent: 0.5, pids: 59_999 })]);
  });

  it('is merged to the mean of CPU, most of memory and the last of what grows', () => {
    const merged = mergedRounds(0, [
      { at: 0, samples: [sample({ cpuPercent: null })] },
      {
        at: 1,
        samples: [sample({ cpuPercent: 10, memoryBytes: 900, networkInBytes: 6, pids: 9 }), sample({ release: 2 })],
      },
      { at: 2, samples: [sample({ cpuPercent: 25, memoryBytes: 100, networkInBytes: 8, restarts: 1 })] },
    ]);
    expect(merged).toEqual({
      at: 0,
      samples: [
        sample({ cpuPercent: 17.5, memoryBytes: 900, networkInBytes: 8, pids: 9, restarts: 1 }),
        sample({ release: 2 }),
      ],
    });
  });
});
