import { expect, test } from 'vitest';
import { ReleaseProgress } from '../../../adapters/pipeline/release-progress.ts';

test('whoever comes later gets what was said before, and each line once', () => {
  const progress = new ReleaseProgress();
  const rung: string[] = [];
  const listening = progress.listen((release) => rung.push(release));
  progress.say('a#1', 'image', ['pulling']);
  progress.say('a#1', 'install', ['one', 'two']);
  progress.say('b#1', 'install', ['other']);
  expect(rung).toEqual(['a#1', 'a#1', 'b#1']);
  const first = progress.read('a#1', 0);
  expect(first.lines.map(({ stage, line }) => `${stage} ${line}`)).toEqual([
    'image pulling',
    'install one',
    'install two',
  ]);
  progress.say('a#1', 'install', ['three']);
  expect(progress.read('a#1', first.next).lines.map(({ line }) => line)).toEqual(['three']);
  expect(progress.read('unknown#1', 0)).toEqual({ lines: [], next: 0 });
  listening.close();
  progress.say('a#1', 'install', ['four']);
  expect(rung).toHaveLength(4);
});

test('what is remembered is bounded, in lines and in releases', () => {
  const progress = new ReleaseProgress();
  for (let i = 0; i < 5_000; i += 1) progress.say('a#1', 'install', [`${i}`]);
  const { lines, next } = progress.read('a#1', 0);
  expect([lines.length, lines.at(0)?.line, next]).toEqual([2_000, '3000', 5_000]);
  expect(progress.read('a#1', 4_999).lines.map(({ line }) => line)).toEqual(['4999']);
  for (let i = 0; i < 64; i += 1) progress.say(`b#${i}`, 'install', ['x']);
  expect(progress.read('a#1', 0).lines).toEqual([]);
});
