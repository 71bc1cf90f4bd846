import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { decidesInstall, type InstallScope, installScope } from '../../../decisions/install-scope.ts';
import type { ContainerSpec, EngineName } from '../../engine/engine-port.ts';
import { eachOf } from './each-of.ts';
import type { FolderState } from './folder-state.ts';

/** Changes when what is kept, or how, changes its meaning. */
const format = 1;
/** Lock files of large projects have some megabytes; what is larger is none that we know. */
const longestRead = 64 * 1024 * 1024;

export interface KeyParts {
  readonly engine: EngineName;
  readonly text: string;
  /** Of the install step: its image, and its environment with versions in place of secrets. */
  readonly spec: Pick<ContainerSpec, 'image' | 'environment' | 'mounts'>;
  /** The checkout before the step. */
  readonly folder: string;
  readonly state: FolderState;
}

export interface InstallKey {
  /** 64 hex digits. */
  readonly key: string;
  readonly scope: InstallScope;
  /** Paths whose content is part of the key. */
  readonly paths: ReadonlySet<string>;
}

/**
 * What the result of an install step depends on, as one hash. Null where that cannot be told: a step that may write to a
 * named volume does something that no folder shows.
 */
export async function installKey({ engine, text, spec, folder, state }: KeyParts): Promise<InstallKey | null> {
  const scope = installScope(text, await topFiles(folder, state));
  const writesVolumes = spec.mounts.some(({ kind, readOnly }) => kind === 'volume' && !readOnly);
  if (scope === 'tree' && writesVolumes) return null;
  const counted = [...state].filter(([path, { kind }]) => {
    return kind !== 'folder' && (scope === 'tree' || decidesInstall(path));
  });
  const files = new Map<string, unknown>();
  await eachOf(counted, async ([path, { kind, mode }]) => {
    const content = kind === 'link' ? `link ${await readlink(join(folder, path))}` : await fileHash(join(folder, path));
    files.set(path, [path, mode & 0o111 ? 'x' : '-', content]);
  });
  const parts = {
    format,
    engine,
    // Without an image the step runs this machine's programs.
    machine: engine === 'process' ? [process.platform, process.arch, process.version] : null,
    image: spec.image,
    text,
    environment: Object.entries(spec.environment).sort(([a], [b]) => (a < b ? -1 : 1)),
    scope,
    files: counted.map(([path]) => files.get(path)),
  };
  const key = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return { key, scope, paths: new Set(files.keys()) };
}

/** Names at the top of the folder; texts of those that may say what the step depends on. */
async function topFiles(folder: string, state: FolderState): Promise<ReadonlyMap<string, string>> {
  const top = [...state].filter(([path]) => !path.includes('/'));
  const texts = await Promise.all(
    top.map(async ([name, { kind, size }]) => {
      const read = kind === 'file' && decidesInstall(name) && size <= longestRead;
      return [name, read ? await readFile(join(folder, name), 'utf8') : ''] as const;
    }),
  );
  return new Map(texts);
}

/** SHA-256 in hex, without holding the file in memory. */
export async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { highWaterMark: 256 * 1024 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}
