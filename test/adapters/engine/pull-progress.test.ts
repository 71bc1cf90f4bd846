import { describe, expect, test } from 'vitest';
import { engineWords, statusOf } from '../../../adapters/engine/engine-failure.ts';
import { meansNoSuchImage, PullProgress } from '../../../adapters/engine/pull-progress.ts';
import { captured, engines } from './captured.ts';

interface CapturedPull {
  readonly ok?: string;
  readonly statusCode?: number;
}

/** Status and words of a pull as the adapter sees them. */
function outcome(pull: CapturedPull): { status: number | null; words: string | null; shown: string[] } {
  if (pull.ok === undefined) return { status: statusOf(pull), words: engineWords(pull), shown: [] };
  const progress = new PullProgress();
  const lines = pull.ok.split('\n').map((line) => progress.push(line));
  return { status: null, words: progress.problem, shown: lines.filter((line) => line !== null) };
}

describe.each(engines)('a pull by %s', (engine) => {
  const pulls: Record<string, CapturedPull> = captured(engine, 'pulls');
  const pull = (name: string) => outcome(pulls[name] as CapturedPull);

  test('that works shows each step once and has no problem', () => {
    const { words, shown } = pull('pull');
    expect(words).toBeNull();
    expect(shown.length).toBeGreaterThan(2);
    expect(new Set(shown).size).toBe(shown.length);
  });

  test.each(['missingTag', 'missingName'])('of something that is not there: %s', (name) => {
    const { status, words } = pull(name);
    expect(words).toContain('manifest unknown');
    expect(meansNoSuchImage(status, words as string)).toBe(true);
  });

  test('from a registry that is down is no missing image', () => {
    const { status, words } = pull('down');
    expect(words).toContain('connection refused');
    expect(meansNoSuchImage(status, words as string)).toBe(false);
  });
});

test('a denied pull counts as missing, as registries do not tell one from the other', () => {
  expect(meansNoSuchImage(null, 'requested access to the resource is denied')).toBe(true);
});

test('what is no JSON is passed over', () => {
  const progress = new PullProgress();
  expect(['<html>', '', '7', 'null'].map((line) => progress.push(line))).toEqual([null, null, null, null]);
  expect(progress.problem).toBeNull();
});
