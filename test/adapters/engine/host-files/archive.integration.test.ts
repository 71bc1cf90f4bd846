import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { extract, type Headers } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveOf } from '../../../../adapters/engine/host-files/archive.ts';
import { HostTree } from '../../../../adapters/engine/host-files/host-tree.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const made = (name: string, content: string | Buffer, mode = 0o600) => {
  const file = path.join(folder, name);
  writeFileSync(file, content, { mode });
  return file;
};

describe('an archive of files of this machine', () => {
  test('holds them as everybody may read them, folders first', async () => {
    const tree = new HostTree();
    const program = made('program', 'x', 0o700);
    symlinkSync(program, path.join(folder, 'link'));
    await tree.file(path.join(folder, 'link'), '/bin/program');
    await tree.file(made('data', ''), `/opt/${'long/'.repeat(40)}data`);
    tree.folder('/tmp', 0o1777);
    tree.link('/bin', 'usr/bin');
    tree.link('/sbin/program', '/usr/bin/program');
    tree.text('/etc/greeting', 'Grüße');
    const found = (await unpack(tree)).filter(({ name }) => !name.includes('long'));
    expect(found).toEqual([
      { name: 'bin', type: 'symlink', mode: 0o777, target: 'usr/bin', content: '' },
      { name: 'etc', type: 'directory', mode: 0o755, target: null, content: '' },
      { name: 'etc/greeting', type: 'file', mode: 0o644, target: null, content: 'Grüße' },
      { name: 'opt', type: 'directory', mode: 0o755, target: null, content: '' },
      { name: 'tmp', type: 'directory', mode: 0o1777, target: null, content: '' },
      { name: 'usr', type: 'directory', mode: 0o755, target: null, content: '' },
      { name: 'usr/bin', type: 'directory', mode: 0o755, target: null, content: '' },
      { name: 'usr/bin/program', type: 'file', mode: 0o755, target: null, content: 'x' },
    ]);
    expect((await unpack(tree)).at(-1)?.name).toBe('usr/bin/program');
    expect((await unpack(tree)).some(({ name }) => name === `opt/${'long/'.repeat(40)}data`)).toBe(true);
  });

  test('fails when a file shrinks meanwhile', async () => {
    const tree = new HostTree();
    const file = made('data', 'abc');
    await tree.file(file, '/data');
    truncateSync(file, 1);
    await expect(unpack(tree)).rejects.toThrow('size mismatch');
  });

  test('fails when a file vanishes meanwhile', async () => {
    const tree = new HostTree();
    const file = made('data', 'abc');
    await tree.file(file, '/data');
    rmSync(file);
    await expect(unpack(tree)).rejects.toThrow(file);
  });

  test('ends when nobody wants it any more', async () => {
    const tree = new HostTree();
    for (const name of ['a', 'b']) await tree.file(made(name, Buffer.alloc(4 << 20)), `/${name}`);
    const archive = archiveOf(tree.entries());
    archive.read(1);
    const ended = finished(archive).catch((error) => error.code);
    archive.destroy();
    expect(await ended).toBe('ERR_STREAM_PREMATURE_CLOSE');
  });

  test('is known by its files', async () => {
    const of = async (content: string) => {
      const tree = new HostTree();
      await tree.file(made('data', content), '/data');
      return tree.fingerprint();
    };
    const before = await of('abc');
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(await of('abcd')).not.toBe(before);
  });
});

async function unpack(tree: HostTree) {
  const found: { name: string; type: Headers['type']; mode: number | undefined; target: unknown; content: string }[] =
    [];
  const reader = extract();
  reader.on('entry', ({ name, type, mode, linkname }: Headers, content, next) => {
    const entry = { name: name.replace(/\/$/, ''), type, mode, target: linkname ?? null, content: '' };
    found.push(entry);
    content.setEncoding('utf8').on('data', (words: string) => {
      entry.content += words;
    });
    content.once('end', () => next());
  });
  await pipeline(archiveOf(tree.entries()), reader);
  return found;
}
