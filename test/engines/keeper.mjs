// Runs one daemon for as long as the test run lives: when the pipe on stdin closes, for whatever reason, the daemon is
// ended and everything of it is taken away. A test runner that is interrupted or killed could not do that itself.
// Plain JavaScript, since it is started by Node directly.
//
// Argument: {home, program, args, environment, before: string[] | null, after: string[] | null, graceMs};
// before and after are programs with arguments, run before the daemon is ended and after it is gone.
import { execFile, spawn } from 'node:child_process';
import { openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const plan = JSON.parse(process.argv[2] ?? '{}');
const environment = { ...process.env, ...plan.environment };

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
// The runner may be gone when there is something to say.
process.stdout.on('error', () => {});

const log = openSync(path.join(plan.home, 'log'), 'a', 0o600);
// Its own folder: Podman's conmon puts a file named oom where the service was started.
const daemon = spawn(plan.program, plan.args, { cwd: plan.home, env: environment, stdio: ['ignore', log, log] });
const ended = new Promise((resolve) => {
  daemon.once('error', (error) => resolve(error.message));
  daemon.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}`));
});
void ended.then((reason) => process.stdout.write(reason));

process.stdin.resume();
process.stdin.once('close', cleanUp);
process.stdin.on('error', () => {});

async function cleanUp() {
  if (plan.before) await attempt(plan.before[0], plan.before.slice(1));
  daemon.kill('SIGTERM');
  const timer = setTimeout(() => daemon.kill('SIGKILL'), plan.graceMs);
  await ended;
  clearTimeout(timer);
  endRemaining();
  for (const mount of mountsBelow(plan.home)) await attempt('umount', ['--lazy', mount]);
  rmSync(plan.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  if (plan.after) await attempt(plan.after[0], plan.after.slice(1));
  process.exit(0);
}

/**
 * What the daemon started and left behind when it was killed: all that names the daemon's own folder, and what that started. A
 * container names nothing, and Podman cannot end one when its disk is full.
 */
function endRemaining() {
  const processes = readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? (processOf(entry) ?? []) : []));
  const ended = new Set(processes.filter(({ words }) => words.includes(`${plan.home}/`)).map(({ pid }) => pid));
  ended.delete(process.pid);
  // What is added here is looked at as well, and so is what that started.
  for (const pid of ended) for (const child of processes) if (child.parent === pid) ended.add(child.pid);
  for (const pid of ended) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
}

/** Undefined when it is gone meanwhile. */
function processOf(entry) {
  try {
    const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
    const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${entry}/status`, 'utf8'))?.[1]);
    return { pid: Number(entry), parent, words };
  } catch {
    return undefined;
  }
}

/** Deepest first, as they have to be taken away. */
function mountsBelow(folder) {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => (line.split(' ')[4] ?? '').replace(/\\040/g, ' '))
    .filter((mount) => mount.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length);
}

async function attempt(program, args) {
  try {
    await run(program, args, { env: environment, timeout: 60_000 });
  } catch {
    // The rest still has to be taken away.
  }
}
