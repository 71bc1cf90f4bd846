import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../../cli/command-spec.ts';
import { commands } from '../../../cli/commands/all.ts';
import { namedOptions, nameOf } from '../../../cli/help/topic.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Where somebody reads what to type: messages, hints, help and pages. Decisions and the changelog tell of their day. */
const code = ['adapters', 'cli', 'core', 'decisions', 'history', 'projections'];
const everywhere = ['--json', '--debug', '-d', '--help', '--version', '-v'];

function flagsOf(spec: CommandSpec): string[] {
  return namedOptions(spec).flatMap(({ flags }) => flags.split(/[ ,]+/).filter((flag) => flag.startsWith('-')));
}

/** What of a command line `p-cli …` p-cli does not know; undefined where it knows everything. */
function unknownIn(words: readonly string[]): string | undefined {
  let level: readonly CommandSpec[] = commands;
  let spec: CommandSpec | undefined;
  const options = [...everywhere];
  for (const [at, word] of words.entries()) {
    if (word === 'help') return undefined;
    // What follows belongs to the shell, or is a word of the agent's.
    if (/^[|<>&;#(\\…]|^--$|^#$/.test(word)) return undefined;
    if (word.startsWith('-') && word !== '-') {
      if (spec?.anyOption || options.includes(word.replace(/[=.,;:)].*$/, ''))) continue;
      return `${word} of ${words.slice(0, at).join(' ')}`;
    }
    const next = level.find((one) => nameOf(one) === word || one.aliases?.includes(word));
    if (next) {
      spec = next;
      level = next.commands ?? [];
      // The verb of a group that is called without a word is named by the group.
      for (const one of [next, ...level.filter(({ isDefault }) => isDefault)]) options.push(...flagsOf(one));
    } else if (level.length > 0 && !spec?.load && !level.some(({ isDefault }) => isDefault)) {
      return /^[<[a-z$]/.test(word) && /^[a-z-]+$/.test(word)
        ? `${word} of ${words.slice(0, at).join(' ')}`
        : undefined;
    } else level = [];
  }
  return undefined;
}

function places(): string[] {
  const below = (folder: string, end: string) =>
    readdirSync(`${root}${folder}`, { encoding: 'utf8', recursive: true })
      .filter((path) => path.endsWith(end) && !path.startsWith('decisions/'))
      .map((path) => `${folder}/${path}`);
  return [
    ...code.flatMap((folder) => below(folder, '.ts')),
    ...below('docs', '.md'),
    ...below('examples', '.md'),
    'README.md',
  ];
}

/** `p-cli cloud …` as somebody would type it, from code marks and from lines that begin with a prompt. */
function* named(text: string): Generator<string> {
  for (const [, line = ''] of text.matchAll(/\\?`p-cli ([^`\\]+?)\\?`/g)) yield line;
  for (const [, line = ''] of text.matchAll(/^\s*\$ p-cli (.+)$/gm)) yield line;
}

describe('commands that are named', () => {
  it.each([
    ['cloud logs --deployment localhost/demo', '--deployment of cloud logs'],
    ['cloud deplyo localhost', 'deplyo of cloud'],
    ['cloud logs localhost/demo --follow', undefined],
    ['cloud call /demo echo --loud', undefined],
    ['cloud history --limit 3 | head --lines 1', undefined],
  ])('%s: %s', (line, unknown) => {
    expect(unknownIn(line.split(/\s+/))).toBe(unknown);
  });

  it('are there, with the options that are named', () => {
    const wrong: string[] = [];
    let count = 0;
    for (const path of places()) {
      for (const line of named(readFileSync(`${root}${path}`, 'utf8'))) {
        count += 1;
        const unknown = unknownIn(line.trim().split(/\s+/));
        if (unknown !== undefined) wrong.push(`${path}: ${unknown}`);
      }
    }
    expect(count).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });
});
