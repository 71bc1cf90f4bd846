import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Counts how often it really ran for each number it is given; a new process forgets, and says so by `boot`. */
const program = `
const boot = require('node:crypto').randomUUID();
const runs = new Map();
module.exports = {
  async count(nonce, waitMs) {
    runs.set(nonce, (runs.get(nonce) ?? 0) + 1);
    await new Promise((resolve) => setTimeout(resolve, Number(waitMs)));
    return { nonce, boot };
  },
  report: () => ({ boot, runs: Object.fromEntries(runs) }),
};
`;

/** A real Git repository with one agent, \`counter\`. */
export function makeCounterRepository(folder: string): string {
  mkdirSync(join(folder, 'counter'), { recursive: true });
  writeFileSync(join(folder, 'counter', 'index.js'), program);
  writeFileSync(join(folder, 'counter', 'manifest.json'), JSON.stringify({ name: 'counter', network: 'none' }));
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
  git('add', 'counter');
  git('commit', '--quiet', '--message', 'Count');
  return folder;
}
