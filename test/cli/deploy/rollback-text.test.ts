import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { runningText } from '../../../cli/deploy/rollback-text.ts';

const report: Parameters<typeof runningText>[0] = {
  deployment: 'localhost/demo',
  release: 1,
  target: null,
  container: 'ploinky-localhost-demo-1-abc123',
  containers: [{ name: 'ploinky-localhost-demo-1-abc123', replica: 1, status: 'running' }],
  folder: null,
  engine: 'docker',
  status: 'running',
  commit: 'c'.repeat(40),
  subject: 'Say hello',
  files: 1,
  image: { reference: null, imageId: null, digest: null },
  spec: '',
  environment: null,
  secrets: {},
  volumes: [],
  differences: [],
  notes: [],
};

it.each([
  [1, '(1 file compared)'],
  [2, '(2 files compared)'],
  [0, '(0 files compared)'],
])('what runs names how many files were compared: %d', async (files, told) => {
  const text = await runningText({ ...report, files });
  expect(stripVTControlCharacters(text.raw)).toContain(`Say hello ${told}`);
});
