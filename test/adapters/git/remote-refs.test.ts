import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commitOf, parseRemoteRefs, refChanges } from '../../../adapters/git/remote-refs.ts';

const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string];

describe('the refs of a remote', () => {
  const refs = parseRemoteRefs(
    `ref: refs/heads/trunk\tHEAD\n${a}\tHEAD\n${b}\trefs/heads/main\n${a}\trefs/heads/trunk\n${c}\trefs/pull/1/head\n` +
      `${c}\trefs/tags/v1\n${a}\trefs/tags/v1^{}\n${b}\trefs/tags/main\n${b}\trefs/tags/v2\n`,
  );

  it('are branches and tags, and the branch that HEAD names', () => {
    expect([...refs.objects.keys()]).toEqual([
      'refs/heads/main',
      'refs/heads/trunk',
      'refs/tags/v1',
      'refs/tags/main',
      'refs/tags/v2',
    ]);
    expect(refs.defaultBranch).toBe('trunk');
  });

  it('lead to commits: a branch before a tag, a tag object to what it tags', () => {
    expect(commitOf(refs, 'main')).toBe(b);
    expect(commitOf(refs, 'v1')).toBe(a);
    expect(commitOf(refs, 'v2')).toBe(b);
    expect(commitOf(refs, 'refs/tags/v1')).toBe(a);
    expect(commitOf(refs, 'refs/heads/v1')).toBeNull();
    expect(commitOf(refs, 'nothing')).toBeNull();
  });

  it.each([
    [`${a}\tHEAD\n${a}\trefs/heads/x\n${b}\trefs/heads/main\n`, 'x'],
    [`${a}\tHEAD\n${a}\trefs/heads/x\n${a}\trefs/heads/master\n`, 'master'],
    [`ref: refs/heads/gone\tHEAD\n${a}\trefs/heads/x\n${b}\trefs/heads/main\n`, 'main'],
    [`${a}\trefs/heads/x\n`, 'x'],
    [`${a}\trefs/tags/v1\n`, null],
    ['', null],
  ])('tell the default branch of older servers: %j', (output, branch) => {
    expect(parseRemoteRefs(output).defaultBranch).toBe(branch);
  });

  it('with names that nobody could type are passed over', () => {
    const output = `${a}\trefs/heads/-x\n${a}\trefs/heads/a..b\n${a}\trefs/heads/a b\n${a}\trefs/heads/ok\nnoise\n`;
    expect([...parseRemoteRefs(output).objects.keys()]).toEqual(['refs/heads/ok']);
  });

  it('of a remote that talks nonsense are none', () => {
    fc.assert(
      fc.property(fc.string(), (output) => {
        expect(parseRemoteRefs(output).objects.size).toBe(0);
      }),
    );
  });
});

describe('the way from one set of refs to another', () => {
  it('sets what is new or different and drops what is gone', () => {
    const refs = fc
      .dictionary(fc.constantFrom('r1', 'r2', 'r3', 'r4'), fc.constantFrom(a, b))
      .map((map) => new Map(Object.entries(map)));
    fc.assert(
      fc.property(refs, refs, (have, want) => {
        const { set, drop } = refChanges(have, want);
        const result = new Map(have);
        for (const name of drop) result.delete(name);
        for (const [name, object] of set) {
          expect(have.get(name)).not.toBe(object);
          result.set(name, object);
        }
        expect(new Map([...result].sort())).toEqual(new Map([...want].sort()));
      }),
    );
  });
});
