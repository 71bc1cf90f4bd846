import { describe, expect, test } from 'vitest';
import { containerResources } from '../../../adapters/engine/container-resources.ts';
import type { UsualLimits } from '../../../adapters/engine/engine-port.ts';

const usual: UsualLimits = {
  memoryBytes: 8_000_000,
  cpus: null,
  pids: 512,
  cpuShares: 512,
  cpuPeriodMs: 10,
  oomScoreAdj: 500,
};
const silent = { memoryBytes: null, cpus: null, pidsLimit: 512, usual };

describe('what a container may use', () => {
  test('where its manifest says nothing is what is usual', () => {
    expect(containerResources(silent)).toEqual({
      PidsLimit: 512,
      Memory: 8_000_000,
      MemorySwap: 8_000_000,
      CpuShares: 512,
      OomScoreAdj: 500,
    });
    expect(containerResources({ ...silent, usual: { ...usual, cpus: 2 } })).toMatchObject({ CpuQuota: 20_000 });
  });

  test('is what its manifest says, where it says something', () => {
    const given = { ...silent, memoryBytes: 64_000_000, cpus: 3, usual: { ...usual, cpus: 2 } };
    const asked = { Memory: 64_000_000, MemorySwap: 64_000_000, CpuPeriod: 10_000, CpuQuota: 30_000 };
    expect(containerResources(given)).toMatchObject(asked);
  });

  test('has no bound where none is usual: everything is as the engine has it', () => {
    const none = { memoryBytes: null, cpus: null, pids: null, cpuShares: null, cpuPeriodMs: 10, oomScoreAdj: null };
    expect(containerResources({ ...silent, usual: none })).toEqual({ PidsLimit: -1 });
  });

  test.each([
    [0.25, 10, 10_000, 2_500],
    [0.25, 100, 100_000, 25_000],
    [1.5, 10, 10_000, 15_000],
    [0.01, 10, 100_000, 1_000],
    [0.0015, 10, 666_667, 1_000],
  ])(
    '%d processors in periods of %d ms are never less than the millisecond that a kernel takes',
    (cpus, cpuPeriodMs, ...is) => {
      const [CpuPeriod, CpuQuota] = is;
      expect(containerResources({ ...silent, cpus, usual: { ...usual, cpuPeriodMs } })).toMatchObject({
        CpuPeriod,
        CpuQuota,
      });
    },
  );

  test.each([
    [0.25, 128],
    [1, 512],
    [4, 512],
    [0.001, 2],
  ])('a limit of %d processors weighs %d where they are short', (cpus, CpuShares) => {
    expect(containerResources({ ...silent, cpus })).toMatchObject({ CpuShares });
  });

  test.each([
    [['memory', 'pids'], { PidsLimit: 512, Memory: 8_000_000, MemorySwap: 8_000_000, OomScoreAdj: 500 }],
    [['cpu'], { CpuPeriod: 10_000, CpuQuota: 20_000, CpuShares: 512, OomScoreAdj: 500 }],
    [[], { OomScoreAdj: 500 }],
  ])('of what is usual is left out what an engine that has only %j would start no container for', (controllers, is) => {
    expect(containerResources({ ...silent, usual: { ...usual, cpus: 2 } }, controllers)).toEqual(is);
  });

  test('that its manifest names is asked for all the same: it must not run without it unnoticed', () => {
    const given = { ...silent, memoryBytes: 64_000_000, cpus: 3 };
    const asked = { Memory: 64_000_000, MemorySwap: 64_000_000, CpuPeriod: 10_000, CpuQuota: 30_000, OomScoreAdj: 500 };
    expect(containerResources(given, [])).toEqual(asked);
  });
});
