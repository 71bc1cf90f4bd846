import { describe, expect, test } from 'vitest';
import { decidesInstall, installScope } from '../../decisions/install-scope.ts';

const lock = [
  'package-lock.json',
  '{"lockfileVersion":3,"packages":{"node_modules/a":{"integrity":"sha512-x"}}}',
] as const;
const top = (...files: readonly (readonly [string, string])[]) => new Map(files);
const npm = top(['package.json', '{"dependencies":{"a":"1"}}'], lock, ['index.js', '']);

describe('what an install step depends on', () => {
  test.each(['npm ci', 'npm ci --omit=dev --no-audit', 'npm install', '  npm ci \n', 'npm i --silent && npm ci'])(
    '%o installs what the lock file names',
    (text) => expect(installScope(text, npm)).toBe('locks'),
  );

  test.each([
    ['npm ci && npm run build', 'runs a script of the agent'],
    ['npm install left-pad', 'adds a package of today'],
    ['npm ci --prefix sub', 'reads another folder'],
    ['npm ci --prefix=sub', 'reads another folder'],
    ['cd sub && npm ci', 'reads another folder'],
    ['npm ci; cp a b', 'does more'],
    ['npm ci | tee log', 'does more'],
    ['FOO=1 npm ci', 'is given more'],
    ['npm ci > made.txt', 'writes more'],
    ['sh install.sh', 'may do anything'],
    ['yarn install', 'has no lock file of yarn'],
    ['', 'says nothing'],
  ])('%o may depend on any file: it %s', (text) => expect(installScope(text, npm)).toBe('tree'));

  test.each([
    ['a script that npm runs by itself', ['package.json', '{"scripts":{"postinstall":"node build.js"}}']],
    ['workspaces', ['package.json', '{"workspaces":["a"]}']],
    ['a package.json that cannot be read', ['package.json', '{']],
    ['a linked folder', ['package-lock.json', '{"packages":{"node_modules/a":{"resolved":"a", "link": true}}}']],
    ['something to compile', ['binding.gyp', '{}']],
  ] as const)('with %s everything counts', (_what, file) => {
    expect(installScope('npm ci', new Map([...npm, file]))).toBe('tree');
  });

  test('without its lock file everything counts', () => {
    expect(installScope('npm install', top(['package.json', '{}']))).toBe('tree');
  });

  test('requirements count with the files that are named, unless they lead into the agent', () => {
    const pinned = top(['requirements.txt', 'flask==3.0.0\n']);
    expect(installScope('pip install --target lib -r requirements.txt', pinned)).toBe('locks');
    expect(installScope('python3 -m pip install -r requirements.txt', pinned)).toBe('locks');
    expect(installScope('pip install -r requirements-dev.txt', pinned)).toBe('tree');
    for (const line of ['-e .', './own', '-r more.txt', 'own @ file:own', 'own @ ./own']) {
      expect(installScope('pip install -r requirements.txt', top(['requirements.txt', `${line}\n`])), line).toBe(
        'tree',
      );
    }
  });

  test('the project itself is no part of what poetry and uv may install', () => {
    const files = top(['poetry.lock', ''], ['uv.lock', ''], ['pyproject.toml', '']);
    expect(installScope('poetry install --no-root', files)).toBe('locks');
    expect(installScope('poetry install', files)).toBe('tree');
    expect(installScope('uv sync --frozen --no-install-project', files)).toBe('locks');
    expect(installScope('uv sync', files)).toBe('tree');
  });

  test('lock files count in every folder but those of installed packages', () => {
    expect(
      ['package-lock.json', 'server/yarn.lock', 'requirements-dev.txt', 'package.json'].every(decidesInstall),
    ).toBe(true);
    expect(['index.js', 'node_modules/a/package.json', 'notes/requirements.md'].some(decidesInstall)).toBe(false);
  });
});
