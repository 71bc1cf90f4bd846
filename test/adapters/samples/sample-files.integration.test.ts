import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SampleRound } from '../../../adapters/samples/sample.ts';
import { SampleFiles } from '../../../adapters/samples/sample-files.ts';
import { samplesBetween } from '../../../adapters/samples/samples-between.ts';
import { sample } from './one-sample.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pl-samples-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const noon = Date.parse('2026-11-20T12:00:00Z');
const dayMs = 86_400_000;
const round = (at: number, cpuPercent = 10): SampleRound => ({ at, samples: [sample({ cpuPercent })] });

async function all(files: SampleFiles): Promise<SampleRound[]> {
  const rounds: SampleRound[] = [];
  for await (const one of files.read(0, Number.MAX_SAFE_INTEGER)) rounds.push(one);
  return rounds;
}

describe('the series', () => {
  it('survives a restart and a torn end', async () => {
    await new SampleFiles(folder).append(round(noon));
    appendFileSync(join(folder, '2026-11-20.ndjson'), '[1700000000000,["localhost/de');
    const again = new SampleFiles(folder);
    await again.append(round(noon + 10_000));
    expect((await all(again)).map(({ at }) => at)).toEqual([noon, noon + 10_000]);
  });

  it('goes on in a new folder where somebody took the old one away', async () => {
    const files = new SampleFiles(folder);
    await files.append(round(noon));
    rmSync(folder, { recursive: true });
    await files.append(round(noon + 10_000)).catch(() => undefined);
    await files.append(round(noon + 20_000));
    expect((await all(files)).map(({ at }) => at)).toEqual([noon + 20_000]);
  });

  it('keeps minutes of days that are over, and nothing older than allowed', async () => {
    const files = new SampleFiles(folder);
    for (let i = 0; i < 12; i += 1) await files.append(round(noon + i * 10_000, i));
    await files.append(round(noon + dayMs));
    await files.tidy(noon + dayMs, 1);
    expect(readdirSync(folder).sort()).toEqual(['2026-11-20.minutes.ndjson', '2026-11-21.ndjson']);
    const rounds = await all(files);
    expect(rounds.map(({ at, samples }) => [at - noon, samples[0]?.cpuPercent])).toEqual([
      [0, 2.5],
      [60_000, 8.5],
      [dayMs, 10],
    ]);
    await files.tidy(noon + dayMs, 1);
    expect(await all(files)).toEqual(rounds);
    await files.tidy(noon + 2 * dayMs, 1);
    expect((await all(files)).map(({ at }) => at)).toEqual([noon + dayMs]);
  });

  it('is told in slices, of one deployment', async () => {
    const files = new SampleFiles(folder);
    for (let i = 0; i < 6; i += 1) {
      await files.append({
        at: noon + i * 10_000,
        samples: [sample({ cpuPercent: i }), sample({ deployment: 'localhost/other' })],
      });
    }
    const wanted = { since: noon, until: noon + 49_000, stepMs: 20_000, deployment: 'localhost/demo' };
    const slices = await samplesBetween(files, wanted);
    expect(slices.map(({ at, samples }) => [at - noon, samples.map(({ cpuPercent }) => cpuPercent)])).toEqual([
      [0, [0.5]],
      [20_000, [2.5]],
      [40_000, [4]],
    ]);
  });
});
