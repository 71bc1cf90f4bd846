import { describe, expect, it } from 'vitest';
import type { ContainerStats } from '../../../adapters/engine/container-stats.ts';
import type { SampleRound } from '../../../adapters/samples/sample.ts';
import type { SampleFiles } from '../../../adapters/samples/sample-files.ts';
import { Sampler } from '../../../adapters/samples/sampler.ts';
import { defaultSettings } from '../../../core/settings/settings.ts';

const stats = (cpuMs: number, engineId = 'e1'): ContainerStats => ({
  engineId,
  cpuMs,
  memoryBytes: 1,
  memoryLimitBytes: null,
  networkInBytes: null,
  networkOutBytes: null,
  blockReadBytes: null,
  blockWriteBytes: null,
  pids: 1,
});

function ground() {
  const rounds: SampleRound[] = [];
  const containers = new Map<string, object>();
  const add = (name: string, engine: string, status = 'healthy') =>
    containers.set(name, { name, deployment: `localhost/${name}`, release: 1, replica: 1, engine, status, attempt: 3 });
  const answers: Record<string, (name: string) => Promise<ContainerStats | null>> = {};
  const asked: string[] = [];
  let monotonic = 0;
  const parts = {
    views: { containers },
    engines: {
      get: async (engine: string) => ({
        stats: (name: string) => {
          asked.push(name);
          return (answers[engine] ?? (async () => null))(name);
        },
      }),
    },
    settings: () => defaultSettings,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    now: () => 1_700_000_000_000,
    monotonic: () => monotonic,
  };
  const files = { append: async (round: SampleRound) => void rounds.push(round), tidy: async () => {} };
  const sampler = new Sampler(parts as never, files as unknown as SampleFiles);
  return { sampler, rounds, add, answers, asked, pass: (ms: number) => (monotonic += ms), containers };
}

describe('the sampler', () => {
  it('tells CPU from the second look on, and begins anew with another start', async () => {
    const { sampler, add, answers, pass, rounds } = ground();
    add('a', 'docker');
    answers.docker = async () => stats(1_000);
    await sampler.look();
    pass(10_000);
    answers.docker = async () => stats(6_000);
    await sampler.look();
    pass(10_000);
    answers.docker = async () => stats(9_000, 'e2');
    await sampler.look();
    expect(rounds.map(({ samples }) => samples[0]?.cpuPercent)).toEqual([null, 50, null]);
    expect(sampler.current()).toMatchObject([
      { container: 'a', deployment: 'localhost/a', restarts: 2, cpuPercent: null },
    ]);
  });

  it('does not wait for an engine that hangs with the others, nor asks it again meanwhile', async () => {
    const { sampler, add, answers, asked, rounds } = ground();
    add('a', 'docker');
    add('b', 'process');
    let answer: (stats: ContainerStats) => void = () => {};
    answers.docker = () => new Promise((resolve) => (answer = resolve));
    answers.process = async () => stats(1);
    const slow = sampler.look();
    while (rounds.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await sampler.look();
    expect(asked).toEqual(['a', 'b', 'b']);
    answer(stats(1));
    await slow;
    expect(rounds.map(({ samples }) => samples[0]?.deployment)).toEqual(['localhost/b', 'localhost/b', 'localhost/a']);
  });

  it('looks only at what runs, and forgets what is gone', async () => {
    const { sampler, add, answers, asked, containers } = ground();
    add('a', 'docker');
    add('b', 'docker', 'exited');
    answers.docker = async () => stats(1);
    await sampler.look();
    expect(asked).toEqual(['a']);
    expect(sampler.current()).toHaveLength(1);
    containers.delete('a');
    expect(sampler.current()).toEqual([]);
  });
});
