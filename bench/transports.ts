// What a call costs over each transport, against the polling loop that file queues usually have. Ratios within one run:
// `node dist/bench/transports.js [--quick] [--json]`.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentAddress, AgentTask } from '../adapters/agents/agent-port.ts';
import { createAgentTransports } from '../adapters/agents/create-agent-transports.ts';

interface Figures {
  readonly contestant: string;
  readonly callers: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

type Call = (n: number) => Promise<unknown>;

const agentCore = join(dirname(fileURLToPath(import.meta.url)), '../agent-core/server.js');
const quick = process.argv.includes('--quick');
const pollMs = 200;

const root = mkdtempSync(join(tmpdir(), 'bench-transports-'));
const address: AgentAddress = { runFolder: join(root, 'run'), queueFolder: join(root, 'queue'), tcp: null };
for (const name of ['code', 'run', 'queue']) mkdirSync(join(root, name));
writeFileSync(join(root, 'code', 'index.js'), 'exports.hello = (name) => "Hello, " + name;\n');

const polls: NodeJS.Timeout[] = [];
const agent = await startAgent();
const transports = createAgentTransports();
try {
  const figures: Figures[] = [];
  for (const callers of [1, 50]) {
    figures.push(await measure('http', callers, throughTransport('http')));
    figures.push(await measure('queue', callers, throughTransport('queue')));
    figures.push(await measure('polling', callers, polling()));
  }
  process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(figures, null, 2)}\n` : table(figures));
} finally {
  await Promise.all([transports.http.close(), transports.queue.close()]);
  for (const poll of polls) clearInterval(poll);
  agent.kill('SIGTERM');
  await new Promise((resolve) => agent.once('exit', resolve));
  rmSync(root, { recursive: true, force: true });
}

function throughTransport(kind: 'http' | 'queue'): Call {
  return async (n) => {
    const task: AgentTask = {
      id: `${kind}-${n}-${process.hrtime.bigint()}`,
      command: 'hello',
      params: ['World'],
      runForUserId: 'InternetUser',
      timeoutMs: 30_000,
      metadata: { method: 'POST', url: '/demo/hello', headers: { 'content-type': 'application/json' } },
    };
    const outcome = await transports[kind].call(address, task, AbortSignal.timeout(31_000));
    if (!outcome.success) throw new Error(outcome.error.message);
  };
}

/** Both sides look every 200 ms; nothing else is done, so this is the loop at its best. */
function polling(): Call {
  const [tasks, results] = [join(root, 'poll-tasks'), join(root, 'poll-results')];
  for (const folder of [tasks, results]) mkdirSync(folder, { recursive: true });
  const serve = setInterval(() => {
    for (const name of readdirSync(tasks)) {
      if (name.endsWith('.intermediate')) continue;
      const { params } = JSON.parse(readFileSync(join(tasks, name), 'utf8')) as { params: string[] };
      put(results, name, JSON.stringify(`Hello, ${params[0]}!`));
      rmSync(join(tasks, name));
    }
  }, pollMs);
  polls.push(serve);
  return async (n) => {
    const id = `poll-${n}-${process.hrtime.bigint()}`;
    put(tasks, id, JSON.stringify({ id, command: 'hello', params: ['World'] }));
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, pollMs));
      if (!readdirSync(results).includes(id)) continue;
      readFileSync(join(results, id), 'utf8');
      rmSync(join(results, id));
      return;
    }
  };
}

function put(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, `${name}.intermediate`), text);
  renameSync(join(folder, `${name}.intermediate`), join(folder, name));
}

async function measure(contestant: string, callers: number, call: Call): Promise<Figures> {
  const seconds = quick ? 1 : 5;
  await rounds(callers, 0.5, call);
  const begun = performance.now();
  const times = await rounds(callers, seconds, call);
  const took = (performance.now() - begun) / 1000;
  times.sort((a, b) => a - b);
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 1000) / 1000;
  const callsPerSecond = Math.round(times.length / took);
  return { contestant, callers, calls: times.length, callsPerSecond, p50Ms: at(0.5), p99Ms: at(0.99) };
}

async function rounds(callers: number, seconds: number, call: Call): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const caller = async (n: number) => {
    while (performance.now() < end) {
      const from = performance.now();
      await call(n);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => caller(n)));
  return times;
}

async function startAgent() {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [agentCore], {
    cwd: join(root, 'code'),
    env: {
      PATH,
      AGENT_DIR: join(root, 'code'),
      PLOINKY_RUN_DIR: address.runFolder,
      PLOINKY_QUEUE_DIR: address.queueFolder,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', () => reject(new Error('AgentCore ended')));
  });
  return child;
}

function table(figures: readonly Figures[]): string {
  const lines = ['callers  contestant   calls/s    p50 ms    p99 ms   calls/s and p50 against polling'];
  for (const { contestant, callers, callsPerSecond, p50Ms, p99Ms } of figures) {
    const base = figures.find((one) => one.contestant === 'polling' && one.callers === callers);
    const ratio = base
      ? `${times(callsPerSecond / base.callsPerSecond)} more, ${times(base.p50Ms / p50Ms)} quicker`
      : '';
    const numbers = [callsPerSecond, p50Ms, p99Ms].map((value) => String(value).padStart(9)).join(' ');
    lines.push(`${String(callers).padStart(7)}  ${contestant.padEnd(10)} ${numbers}   ${ratio}`);
  }
  const of = (contestant: string, callers: number) =>
    figures.find((one) => one.contestant === contestant && one.callers === callers);
  for (const callers of [1, 50]) {
    const ratio = (of('queue', callers)?.callsPerSecond ?? 0) / (of('http', callers)?.callsPerSecond ?? 1);
    lines.push(`queue against http at ${callers}: ${times(ratio)} the calls/s`);
  }
  return `${lines.join('\n')}\n`;
}

function times(ratio: number): string {
  return `${ratio >= 10 ? Math.round(ratio) : Math.round(ratio * 100) / 100} ×`;
}
