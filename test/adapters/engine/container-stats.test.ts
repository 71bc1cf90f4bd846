import { describe, expect, it } from 'vitest';
import { containerStats } from '../../../adapters/engine/stats-of-container.ts';
import { parseStat } from '../../../adapters/process/process-stats.ts';

describe('what an engine says of use', () => {
  it('is read from Docker’s answer with a network and a limit', () => {
    const answer = {
      cpu_stats: { cpu_usage: { total_usage: 2_500_000_000 } },
      memory_stats: {
        usage: 50_000_000,
        limit: 64_000_000,
        stats: { total_inactive_file: 10_000_000, cache: 12_000_000 },
      },
      networks: { eth0: { rx_bytes: 1_000, tx_bytes: 2_000 }, eth1: { rx_bytes: 5, tx_bytes: 6 } },
      blkio_stats: {
        io_service_bytes_recursive: [
          { op: 'Read', value: 100 },
          { op: 'Write', value: 200 },
          { op: 'read', value: 1 },
        ],
      },
      pids_stats: { current: 7 },
    };
    expect(containerStats('abc', answer, 8e9)).toEqual({
      engineId: 'abc',
      cpuMs: 2_500,
      memoryBytes: 40_000_000,
      memoryLimitBytes: 64_000_000,
      networkInBytes: 1_005,
      networkOutBytes: 2_006,
      blockReadBytes: 101,
      blockWriteBytes: 200,
      pids: 7,
    });
  });

  it('has gaps where the engine does not tell, and no limit where it names the whole machine', () => {
    expect(
      containerStats('abc', { memory_stats: { usage: 5, limit: 8e9 }, networks: null, blkio_stats: null }, 8e9),
    ).toEqual({
      engineId: 'abc',
      cpuMs: null,
      memoryBytes: 5,
      memoryLimitBytes: null,
      networkInBytes: null,
      networkOutBytes: null,
      blockReadBytes: null,
      blockWriteBytes: null,
      pids: null,
    });
  });
});

describe('what the kernel says of a process', () => {
  it('is its session and time, whatever its name', () => {
    const text = '42 (a ) b (c) S 1 40 39 0 -1 4194304 100 200 0 0 10 5 3 2 20 0 1 0 12345 1000 20 …';
    expect(parseStat(text)).toEqual({ pid: 42, session: 39, cpuMs: 200 });
    expect(parseStat('')).toBeNull();
  });
});
