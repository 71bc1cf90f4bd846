import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { timelineText } from '../../../cli/history/timeline-text.ts';

const time = '2026-01-02T03:04:05.000Z';
const release = {
  release: 1,
  trigger: 'deploy',
  target: null,
  reason: null,
  actor: 'admin',
  repository: null,
  branch: null,
  commit: null,
  subject: null,
  image: null,
  environment: {},
  secrets: null,
  comparedWith: null,
  changes: [],
  requested: { seq: 3, time },
  decided: { seq: 4, time },
  durationMs: null,
  outcome: 'failed',
  ended: null,
  failure: null,
} as const;

async function textOf(more: object): Promise<string> {
  const answer = { deployment: 'localhost/a', serving: null, releases: [{ ...release, ...more }], notes: [] };
  return stripVTControlCharacters((await timelineText(answer as never)).raw);
}

it('says nothing where there is no value', async () => {
  const changes = [
    { path: 'tag', before: null, after: 'v1' },
    { path: 'commit', before: 'a'.repeat(40), after: null },
  ];
  const text = await textOf({ changes, comparedWith: 0, environment: { A: null } });
  expect(text).toContain('tag  nothing → v1');
  expect(text).toContain('commit  aaaaaaaa → nothing');
  expect(text).not.toContain('null');
});

it('shows the last lines of what a failed release wrote, a line for each', async () => {
  const wrote = Array.from({ length: 8 }, (_, i) => `\n  \u001b[2Jline ${i}`).join('');
  const problem = { code: 'EXITED_EARLY', message: `It ended. Its last lines:${wrote}`, hint: null };
  const lines = (await textOf({ failure: { stage: 'start', problem, log: null } })).split('\n');
  const at = lines.findIndex((line) => line.includes('EXITED_EARLY: It ended. Its last lines:'));
  expect(lines.slice(at + 1)).toEqual([
    '         | … 3 lines before',
    ...[3, 4, 5, 6, 7].map((i) => `         | \\x1b[2Jline ${i}`),
  ]);
});
