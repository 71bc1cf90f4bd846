import { createHash } from 'node:crypto';

interface HashedFile {
  /** With slashes. */
  readonly path: string;
  readonly executable: boolean;
  readonly content: Buffer;
}

/** The name that Git gives to a folder with exactly these files, so that a start need not run Git to see no change. */
export function treeHash(files: readonly HashedFile[]): string {
  const entries = new Map<string, Buffer>();
  const folders = new Map<string, HashedFile[]>();
  for (const file of files) {
    const slash = file.path.indexOf('/');
    if (slash < 0)
      entries.set(file.path, entry(file.executable ? '100755' : '100644', file.path, hash('blob', file.content)));
    else {
      const name = file.path.slice(0, slash);
      folders.set(name, [...(folders.get(name) ?? []), { ...file, path: file.path.slice(slash + 1) }]);
    }
  }
  // Git sorts a folder as if its name ended with a slash.
  for (const [name, inner] of folders) entries.set(`${name}/`, entry('40000', name, treeHash(inner)));
  const sorted = [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return hash('tree', Buffer.concat(sorted.map(([, bytes]) => bytes)));
}

function entry(mode: string, name: string, object: string): Buffer {
  return Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(object, 'hex')]);
}

function hash(type: 'blob' | 'tree', content: Buffer): string {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}
