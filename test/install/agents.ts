import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '../agent-repository.ts';

/** Files of a repository by path; a commit of all of them. */
export function commit(folder: string, files: Readonly<Record<string, string | Buffer>>): void {
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  if (!existsSync(join(folder, '.git'))) git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'Change it');
}

/** A static site, which starts nothing, of what its install step makes. */
export function scripted(name: string, install: string, more: Readonly<Record<string, unknown>> = {}) {
  const manifest = { static: '.', install: 'sh install.sh', ...more };
  return {
    [`${name}/manifest.json`]: JSON.stringify(manifest),
    [`${name}/install.sh`]: install,
  };
}

/** An agent whose only package comes as a tarball of its own, so that `npm ci` needs no network. */
export function withPackage(name: string, version: string, says: string): Record<string, string | Buffer> {
  const tarball = tiny(version);
  const file = `file:tiny-${version}.tgz`;
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const dependencies = { tiny: file };
  const packages = {
    '': { name, version: '1.0.0', dependencies },
    'node_modules/tiny': { version, resolved: file, integrity },
  };
  const lock = { name, version: '1.0.0', lockfileVersion: 3, requires: true, packages };
  return {
    [`${name}/manifest.json`]: JSON.stringify({ network: 'none', install: 'npm ci --no-audit --no-fund' }),
    [`${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', dependencies }),
    [`${name}/package-lock.json`]: JSON.stringify(lock),
    [`${name}/tiny-${version}.tgz`]: tarball,
    [`${name}/index.js`]: `const tiny = require('tiny'); module.exports = { hello: () => '${says} ' + tiny };`,
  };
}

const made = new Map<string, Buffer>();

/** The same bytes each time: archives hold the time when they were made. */
function tiny(version: string): Buffer {
  const before = made.get(version);
  if (before) return before;
  const folder = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim();
  try {
    mkdirSync(join(folder, 'package'));
    writeFileSync(join(folder, 'package/package.json'), JSON.stringify({ name: 'tiny', version }));
    writeFileSync(join(folder, 'package/index.js'), `module.exports = 'tiny ${version}';`);
    execFileSync('tar', ['-czf', 'tiny.tgz', 'package'], { cwd: folder });
    const tarball = readFileSync(join(folder, 'tiny.tgz'));
    made.set(version, tarball);
    return tarball;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
