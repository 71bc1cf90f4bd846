import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { treeHash } from '../../../adapters/git/tree-hash.ts';
import { git, TestGround, TestRepository } from './test-repository.ts';

let ground: TestGround;
beforeEach(async () => {
  ground = await TestGround.make();
});
afterEach(() => ground.clear());

describe('the hash of a folder', () => {
  it('is the one that Git gives', async () => {
    const repository = await TestRepository.make(ground);
    // Names around the slash show whether folders are sorted as Git does.
    const names = ['a', 'b/c/d', 'b-file', 'b.file', 'b0', 'ü', 'z/run.sh', 'Z'];
    const files = names.map((path) => ({ path, executable: path.endsWith('.sh'), content: Buffer.from(`${path}\n`) }));
    await repository.commit(Object.fromEntries(files.map(({ path, ...file }) => [path, file])));
    expect(treeHash(files)).toBe(git(repository.work, ['rev-parse', 'HEAD^{tree}']));
  });

  it('of nothing is the empty tree', () => {
    expect(treeHash([])).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });
});
