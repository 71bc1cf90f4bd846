import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from '../agent-repository.ts';

/** Tells which replica answers, and notes each piece of work that was done in the folder that all replicas share. */
const handlers = `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const replica = Number(process.env.PLOINKY_REPLICA);
const ledger = process.env.AGENT_DIR + '/ledger';
let running = 0;
let peak = 0;
module.exports = {
  who: () => ({ replica, pid: process.pid }),
  // Until there is a file of that name in the checkout.
  async work(id, gate) {
    running += 1;
    peak = Math.max(peak, running);
    while (!existsSync(process.env.AGENT_DIR + '/' + gate)) await new Promise((resolve) => setTimeout(resolve, 10));
    running -= 1;
    appendFileSync(ledger, id + '\\n');
    return replica;
  },
  peak: () => ({ replica, peak }),
  ledger: () => readFileSync(ledger, 'utf8').trim().split('\\n'),
};
`;

/** Where REFUSES names a replica, that one ends before it answers. */
const run =
  'case ",$REFUSES," in *",$PLOINKY_REPLICA,"*) echo "replica $PLOINKY_REPLICA sulks"; exit 7;; esac; exec sh /agentCore/run.sh';

/** Says which replica answers, once there is a file of the name that the address has after `gate=`. */
const service = `
const { appendFileSync, existsSync } = require('node:fs');
const { createServer } = require('node:http');
const server = createServer((request, response) => {
  // The process stays, and takes no more connections.
  if (request.url.endsWith('/deaf')) {
    setInterval(() => {}, 60_000);
    response.setHeader('Connection', 'close');
    server.close();
  }
  const gate = new URL(request.url, 'http://x').searchParams.get('gate');
  if (gate !== null) appendFileSync(process.env.AGENT_DIR + '/begun', 'x');
  const answer = () => {
    if (gate !== null && !existsSync(process.env.AGENT_DIR + '/' + gate)) setTimeout(answer, 10);
    else response.end(process.env.PLOINKY_REPLICA);
  };
  answer();
});
server.listen(process.env.PORT, '127.0.0.1');
`;

const files: Readonly<Record<string, string>> = {
  'ledger/manifest.json': JSON.stringify({ about: 'keeps a ledger', run, network: 'none' }),
  'ledger/index.js': handlers,
  'inTurn/manifest.json': JSON.stringify({ about: 'keeps a ledger', network: 'none', balance: 'roundRobin' }),
  'inTurn/index.js': handlers,
  'single/manifest.json': JSON.stringify({ about: 'one at a time', network: 'none', concurrency: 1 }),
  'single/index.js': handlers,
  'spare/manifest.json': JSON.stringify({ about: 'keeps a ledger', network: 'none', warm: 1 }),
  'spare/index.js': handlers,
  'service/manifest.json': JSON.stringify({ about: 'a web service', run: 'node service.js', port: 3000 }),
  'service/service.js': service,
};

/** A Git repository with the agents above. */
export function makeLedgerRepository(folder: string): string {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Keep a ledger');
  return folder;
}
