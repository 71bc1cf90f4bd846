import { expect, test } from 'vitest';
import { usualLimits } from '../../../adapters/pipeline/usual-limits.ts';
import { checkSetting, defaultSettings } from '../../../core/settings/settings.ts';

const machine = 16 * 1024 ** 3;

test('every container has limits, unless somebody takes them away', () => {
  expect(usualLimits(defaultSettings, machine)).toEqual({
    memoryBytes: machine / 2,
    cpus: null,
    pids: 512,
    cpuShares: 512,
    cpuPeriodMs: 10,
    oomScoreAdj: 500,
  });
});

test('each can be set, and switched off', () => {
  const set = { 'limits.memory': 50_000_000, 'limits.cpus': 1.5, 'limits.pids': 64 };
  const off = {
    'limits.memory': 'none',
    'limits.cpus': 0,
    'limits.pids': 0,
    'limits.cpuWeight': 0,
    'limits.oomScoreAdj': 0,
  } as const;
  for (const [name, value] of [...Object.entries(set), ...Object.entries(off)]) checkSetting(name, value);
  expect(usualLimits({ ...defaultSettings, ...set }, machine)).toMatchObject({
    memoryBytes: 50_000_000,
    cpus: 1.5,
    pids: 64,
  });
  expect(usualLimits({ ...defaultSettings, ...off }, machine)).toEqual({
    memoryBytes: null,
    cpus: null,
    pids: null,
    cpuShares: null,
    cpuPeriodMs: 10,
    oomScoreAdj: null,
  });
});
