import { describe, expect, it } from 'vitest';
import { ObjectAnswers } from '../../../adapters/git/object-answers.ts';

const hash = 'a'.repeat(40);
const all = Number.POSITIVE_INFINITY;

function answers(...pieces: readonly (string | Buffer)[]): ObjectAnswers {
  const taken = new ObjectAnswers();
  for (const piece of pieces) taken.push(Buffer.from(piece));
  return taken;
}

describe('what git cat-file --batch says', () => {
  it('is one object after another, whatever their bytes are', () => {
    const taken = answers(`${hash} blob 4\na\nb\n\n${hash} tree 0\n\n`);
    expect(taken.next(all)).toEqual({ hash, type: 'blob', size: 4, content: Buffer.from('a\nb\n') });
    expect(taken.next(all)).toEqual({ hash, type: 'tree', size: 0, content: Buffer.alloc(0) });
    expect(taken.next(all)).toBeUndefined();
  });

  it('may come in pieces of any length', () => {
    const taken = answers();
    for (const byte of Buffer.from(`${hash} commit 3\nabc`)) {
      expect(taken.next(all)).toBeUndefined();
      taken.push(Buffer.from([byte]));
    }
    expect(taken.next(all)).toBeUndefined();
    taken.push(Buffer.from('\n'));
    expect(taken.next(all)).toMatchObject({ type: 'commit', content: Buffer.from('abc') });
  });

  it('is null for a name that stands for nothing', () => {
    const taken = answers(`${hash}:manifest.json missing\n${hash} blob 1\nx\n`);
    expect(taken.next(all)).toBeNull();
    expect(taken.next(all)).toMatchObject({ size: 1 });
  });

  it('tells of what is too large before it is there', () => {
    expect(answers(`${hash} blob 1000000000\n`).next(1000)).toEqual({
      hash,
      type: 'blob',
      size: 1_000_000_000,
      content: null,
    });
  });
});
