import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the service answers to everything. */
export const webAnswer = 'Hello from a web service';

const program = `
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(${JSON.stringify(webAnswer)});
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), process.env.PLOINKY_LISTEN_HOST);
process.once('SIGTERM', () => process.exit());
`;

/** A Git repository with one ordinary web service, `web`. */
export function makeWebRepository(folder: string): string {
  const agent = join(folder, 'web');
  mkdirSync(agent, { recursive: true });
  writeFileSync(join(agent, 'server.js'), program);
  writeFileSync(join(agent, 'manifest.json'), JSON.stringify({ name: 'web', port: 3000, run: 'exec node server.js' }));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'bench',
    GIT_AUTHOR_EMAIL: 'bench@example.invalid',
    GIT_COMMITTER_NAME: 'bench',
    GIT_COMMITTER_EMAIL: 'bench@example.invalid',
  };
  const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env });
  git('init', '--quiet', '--initial-branch=main');
  git('add', 'web');
  git('commit', '--quiet', '--message', 'Serve');
  return folder;
}
