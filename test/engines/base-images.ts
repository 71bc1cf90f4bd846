import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './engine-home.ts';

const run = promisify(execFile);

/** Node, its libraries and a shell, taken from this machine. */
export const nodeImage = 'localhost/ploinky-test-node:1';
/** A shell and nothing else. */
export const shellImage = 'localhost/ploinky-test-shell:1';

export interface ImageArchives {
  /** Imports both images into the engine that listens on the socket. */
  importInto(socketPath: string): Promise<void>;
  remove(): void;
}

/** Packs both images once, so that several engines can take them. @throws Error when busybox is not installed */
export async function packBaseImages(): Promise<ImageArchives> {
  const busybox = findProgram('busybox');
  if (busybox === null) throw new Error('not installed: busybox-static (see .ci/install-engines.sh)');
  const folder = mkdtempSync(path.join(tmpdir(), 'ploinky-images-'));
  const archive = (name: string) => path.join(folder, `${name}.tar`);
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const root = path.join(folder, 'root');
    await layShell(root, busybox);
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive('shell'), '.']);
    await layNode(root);
    await run('tar', ['-C', root, '--owner=0', '--group=0', '-cf', archive('node'), '.']);
    rmSync(root, { recursive: true });
  } catch (error) {
    remove();
    throw error;
  }
  return {
    importInto: async (socketPath) => {
      await importImage(socketPath, shellImage, archive('shell'));
      await importImage(socketPath, nodeImage, archive('node'));
    },
    remove,
  };
}

async function layShell(root: string, busybox: string): Promise<void> {
  for (const folder of ['bin', 'etc', 'root', 'run', 'tmp', 'usr/bin', 'usr/local/bin', 'var']) {
    mkdirSync(path.join(root, folder), { recursive: true });
  }
  chmodSync(path.join(root, 'tmp'), 0o1777);
  copyFileSync(busybox, path.join(root, 'bin/busybox'));
  await layLibraries(root, busybox);
  const { stdout } = await run(busybox, ['--list']);
  for (const applet of stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')) {
    symlinkSync('busybox', path.join(root, 'bin', applet));
  }
  symlinkSync('../../bin/busybox', path.join(root, 'usr/bin/env'));
  writeFileSync(path.join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000:node:/tmp:/bin/sh\n');
  writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n');
}

async function layNode(root: string): Promise<void> {
  copyFileSync(process.execPath, path.join(root, 'usr/local/bin/node'));
  await layLibraries(root, process.execPath);
}

async function layLibraries(root: string, program: string): Promise<void> {
  // Ends with 1 for a program that needs none.
  const { stdout } = await run('ldd', [program]).catch(() => ({ stdout: '' }));
  // Lines are `name => /path (0x…)` or `/path/of/the/loader (0x…)`.
  for (const match of stdout.matchAll(/(?:=>\s+|^\s*)(\/\S+)\s+\(0x/gm)) {
    const library = match[1] as string;
    const target = path.join(root, library);
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(library, target);
  }
}

/** Both engines take a tar archive of a root file system; Podman ignores `tag`, so the name carries it. */
function importImage(socketPath: string, image: string, file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath,
        agent: false,
        method: 'POST',
        path: `/images/create?fromSrc=-&repo=${encodeURIComponent(image)}`,
        headers: { 'content-type': 'application/x-tar' },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => {
          if (response.statusCode === 200 && !text.includes('"error"')) resolve();
          else reject(new Error(`the engine does not import ${image}: ${response.statusCode} ${text}`));
        });
      },
    );
    call.on('error', reject);
    createReadStream(file).on('error', reject).pipe(call);
  });
}
