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

/** An agent's own server as a web service: `POST /task`, on the port that it is given. */
const agentCore = 'PLOINKY_RUN_DIR= PLOINKY_TRANSPORT=http exec node /agentCore/server.js';
const handlers = "exports.hello = (name) => 'Hello, ' + name + '!';\n";

/** A Git repository with an ordinary web service, `web`, and AgentCore as one, `core`. */
export function makeWebRepository(folder: string): string {
  const write = (agent: string, name: string, content: string) => {
    mkdirSync(join(folder, agent), { recursive: true });
    writeFileSync(join(folder, agent, name), content);
  };
  write('web', 'server.js', program);
  write('web', 'manifest.json', JSON.stringify({ name: 'web', port: 3000, run: 'exec node server.js' }));
  write('core', 'index.js', handlers);
  write('core', 'manifest.json', JSON.stringify({ name: 'core', port: 7070, run: agentCore }));
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
  git('add', 'web', 'core');
  git('commit', '--quiet', '--message', 'Serve');
  return folder;
}
