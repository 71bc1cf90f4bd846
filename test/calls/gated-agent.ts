import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Says in a file that it has a call, and holds it until another file lets it go. */
const program = `
const { appendFileSync, existsSync } = require('node:fs');
const { join } = require('node:path');
const folder = process.env.GATES;
module.exports = {
  async pass(name) {
    appendFileSync(join(folder, 'began'), name + '\\n');
    while (!existsSync(join(folder, 'open-' + name)) && !existsSync(join(folder, 'open'))) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return name;
  },
  hello: (name) => 'Hello, ' + name + '!',
};
`;

/** A real Git repository with one agent, `gated`, of which a container runs so many calls at one time. */
export function makeGatedRepository(folder: string, concurrency: number): string {
  mkdirSync(join(folder, 'gated'), { recursive: true });
  writeFileSync(join(folder, 'gated', 'index.js'), program);
  writeFileSync(join(folder, 'gated', 'manifest.json'), JSON.stringify({ name: 'gated', concurrency }));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'test',
    GIT_AUTHOR_EMAIL: 'test@example.invalid',
    GIT_COMMITTER_NAME: 'test',
    GIT_COMMITTER_EMAIL: 'test@example.invalid',
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env });
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'gated');
  git('commit', '--quiet', '--message', 'Hold');
  return folder;
}
