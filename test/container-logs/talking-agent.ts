import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Numbers its lines, on both streams, from the moment it is loaded. A call prints to the console, says a secret in three ways and an escape
 * sequence that a terminal would obey.
 */
const program = `
let n = 0;
setInterval(() => {
  n += 1;
  process.stdout.write('line ' + n + '\\n');
  process.stderr.write('odd ' + n + '\\n');
}, 3);
module.exports = {
  say(text) {
    console.log('handler says ' + text);
    process.stdout.write('x'.repeat(16 * 1024 - 10) + process.env.PASSWORD + ' behind\\n');
    console.log(Buffer.from(process.env.PASSWORD ?? '').toString('base64'));
    console.log('\\u001b]0;title\\u0007 \\u009b31m end of what it says');
    return { said: text };
  },
};
`;

/** A real Git repository with one agent, `talker`. */
export function makeTalkingRepository(folder: string): string {
  mkdirSync(join(folder, 'talker'), { recursive: true });
  writeFileSync(join(folder, 'talker', 'index.js'), program);
  writeFileSync(join(folder, 'talker', 'manifest.json'), JSON.stringify({ name: 'talker', network: 'none' }));
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
  git('add', 'talker');
  git('commit', '--quiet', '--message', 'Talk');
  return folder;
}
