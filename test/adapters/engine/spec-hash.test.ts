import { expect, test } from 'vitest';
import type { ContainerSpec } from '../../../adapters/engine/engine-port.ts';
import { specHash } from '../../../adapters/engine/spec-hash.ts';

const spec: Omit<ContainerSpec, 'labels' | 'specHash'> = {
  name: 'ploinky-localhost-demo-1-abc',
  image: 'sha256:1',
  command: ['sh', '-c', 'x'],
  environment: { A: '1', B: '2' },
  workingDirectory: '/agent',
  mounts: [{ kind: 'bind', source: '/a', target: '/agent', readOnly: false }],
  memoryBytes: null,
  cpus: 0.5,
  pidsLimit: 512,
  network: 'none',
  publishPort: null,
};

test('every field changes the hash', () => {
  const changes: Partial<typeof spec>[] = [
    { name: 'other' },
    { image: null },
    { command: ['sh', '-c x'] },
    { environment: { A: '1', B: '3' } },
    { environment: { A: '1' } },
    { workingDirectory: '/' },
    { mounts: [] },
    { mounts: [{ kind: 'bind', source: '/a', target: '/agent', readOnly: true }] },
    { memoryBytes: 1 },
    { cpus: null },
    { pidsLimit: 1 },
    { network: 'bridge' },
    { publishPort: 7070 },
  ];
  const hashes = [spec, ...changes.map((change) => ({ ...spec, ...change }))].map(specHash);
  expect(new Set(hashes).size).toBe(changes.length + 1);
  expect(hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash))).toBe(true);
});

test('what settings say of all containers does not: what runs goes on when they change', () => {
  const usual = { memoryBytes: 1, cpus: 1, pids: 1, cpuShares: 2, cpuPeriodMs: 1, oomScoreAdj: 1 };
  expect(specHash({ ...spec, usual } as typeof spec)).toBe(specHash(spec));
});

test('the order of the environment and of the fields does not', () => {
  const { name, ...rest } = { ...spec, environment: { B: '2', A: '1' } };
  expect(specHash({ ...rest, name })).toBe(specHash(spec));
});
