import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Text by file name, below the folder of an agent; what ends in `.sh` can be run. */
export type AgentFiles = Readonly<Record<string, string>>;

/** A real Git repository in a folder that may not be there yet, with these agents in one commit. */
export function makeAgentRepository(
  folder: string,
  agents: Readonly<Record<string, AgentFiles>>,
  message = 'Begin',
): string {
  mkdirSync(folder, { recursive: true });
  for (const [agent, files] of Object.entries(agents)) {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, agent, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      if (name.endsWith('.sh')) chmodSync(path, 0o755);
    }
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--allow-empty', '--message', message);
  return folder;
}

/** Git with nothing of whoever runs the tests. */
export function git(folder: string, ...args: string[]): void {
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'test',
    GIT_AUTHOR_EMAIL: 'test@example.invalid',
    GIT_COMMITTER_NAME: 'test',
    GIT_COMMITTER_EMAIL: 'test@example.invalid',
  };
  execFileSync('git', args, { cwd: folder, env });
}
