import { join, resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { CloudFile } from '../connection/cloud-file.ts';
import { packageVersion } from '../package-root.ts';
import { type Health, probe } from '../server/health-probe.ts';
import { holderOf } from '../server/holder.ts';
import { launch, serverProgram } from '../server/launch.ts';
import { wantedPort } from '../server/port.ts';
import { processStart } from '../server/process-identity.ts';
import type { Session } from '../session.ts';
import { Progress } from '../terminal/progress.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, t, tick } from '../terminal/text.ts';

const startTimeoutMs = 60_000;

interface Wanted {
  readonly dir: string;
  readonly port: number | undefined;
  readonly host: string | undefined;
}

/** `cloud start` */
export async function start({ session, options }: Invocation): Promise<void> {
  const { surroundings } = session;
  const dir = resolve(surroundings.cwd, options.text('dir') ?? (surroundings.env.PLOINKY_CLOUD_DIR || '.'));
  const before = await session.cloudFile.read();
  // Whoever knows its address finds it there again, however it ended.
  const again = before.serverDir === dir ? before.askedPort : undefined;
  const wanted: Wanted = {
    dir,
    port: wantedPort(options.text('port'), surroundings.env) ?? again,
    host: options.text('host'),
  };
  if (await runsAlready(session, wanted)) return;
  if (options.flag('foreground')) await inForeground(session, wanted);
  else await inBackground(session, wanted);
}

/** Says so and resolves with true where there is nothing to start. */
async function runsAlready(session: Session, wanted: Wanted): Promise<boolean> {
  const file = await session.cloudFile.read();
  if (file.serverPid !== undefined && (await processStart(file.serverPid)) === file.serverStart && file.serverStart) {
    const otherDir = file.serverDir !== undefined && file.serverDir !== wanted.dir;
    const otherPort = wanted.port !== undefined && wanted.port !== 0 && file.serverPort !== wanted.port;
    if (otherDir || (otherPort && file.serverPort !== undefined)) {
      throw new PloinkyError(
        'SERVER_START_FAILED',
        `A server that was started from here runs on ${file.serverDir ?? 'another folder'}, port ${file.serverPort}.`,
        { hint: 'Stop it first with `p-cli cloud stop`, or start from another working directory.' },
      );
    }
    tellRunning(session, file.serverUrl ?? 'an unknown address', file.serverPid);
    return true;
  }
  const url = localUrl(wanted.host, wanted.port ?? 8000);
  if (wanted.port === 0 || (await probe(url, 2_000, session.surroundings.signal)).kind !== 'ploinky') return false;
  if (await isServed(wanted.dir)) {
    tellRunning(session, url, null);
    return true;
  }
  throw new PloinkyError('PORT_IN_USE', `Another cloud, not the one in ${wanted.dir}, answers at ${url}.`, {
    hint: `Choose another port with --port, or use that one: \`p-cli cloud connect ${url}\`.`,
  });
}

/** Does a living process hold the log of this folder? */
async function isServed(dir: string): Promise<boolean> {
  return (await holderOf(dir)) !== undefined;
}

function tellRunning(session: Session, url: string, pid: number | null): void {
  session.out.result({ running: true, started: false, serverUrl: url, pid }, () =>
    pid === null
      ? t`${tick} A server that was started elsewhere answers at ${bold(url)} already`
      : t`${tick} A server runs already at ${bold(url)} (process ${pid})`,
  );
}

async function inForeground(session: Session, wanted: Wanted): Promise<void> {
  const { serveUntilStopped } = await import('../server/foreground.ts');
  const before = await session.cloudFile.read();
  await serveUntilStopped(wanted, async ({ port }) => {
    await note(session, wanted, process.pid);
    const url = localUrl(wanted.host, port);
    await connect(session, wanted, before, port);
    session.out.print(t`${tick} Ploinky ${packageVersion()} listens at ${bold(url)} (Ctrl-C stops it)`);
  });
  await forget(session);
}

async function inBackground(session: Session, wanted: Wanted): Promise<void> {
  const { surroundings, out, cloudFile } = session;
  const progress = new Progress(out, surroundings);
  const before = await cloudFile.read();
  progress.begin('starting the server');
  try {
    const server = await launch({
      program: serverProgram(),
      args: serverArguments(wanted),
      cwd: surroundings.cwd,
      env: surroundings.env,
      outputFile: join(cloudFile.path, '..', 'p-cloud.log'),
      timeoutMs: startTimeoutMs,
      signal: surroundings.signal,
      started: (pid) => note(session, wanted, pid),
    }).catch(async (error: unknown) => {
      await forget(session);
      throw error;
    });
    const url = localUrl(wanted.host, server.port);
    await connect(session, wanted, before, server.port);
    progress.begin('waiting for its health check');
    const health = await untilUp(session, url, progress);
    progress.close();
    const found = { running: true, started: true, serverUrl: url, pid: server.pid, port: server.port };
    out.result({ ...found, dir: wanted.dir, phase: health.phase }, () => {
      return t`${tick} Ploinky ${health.version ?? ''} listens at ${bold(url)} (process ${server.pid})`;
    });
    if (!out.json) {
      const { authToken } = await cloudFile.read();
      out.note(nextStep(afterStart(health, authToken !== undefined)));
    }
  } finally {
    progress.close();
  }
}

function afterStart(health: Health, loggedIn: boolean): string {
  if (health.fork) return 'This is a fork: it answers questions and acts on nothing. Look: `p-cli cloud state`';
  if (health.phase === 'uninitialized') return 'Create the cloud and its API key: `p-cli cloud init`';
  if (loggedIn) return 'See what runs: `p-cli cloud deployments`';
  return 'Log in with `p-cli cloud login <API_KEY>`, or see `p-cli cloud status`.';
}

function serverArguments({ dir, port, host }: Wanted): string[] {
  return ['--dir', dir, ...(port === undefined ? [] : ['--port', String(port)]), ...(host ? ['--host', host] : [])];
}

/** It listens; now it must also answer. Where the log is long, `starting` may last. */
async function untilUp(session: Session, url: string, progress: Progress): Promise<Health> {
  const { signal } = session.surroundings;
  for (;;) {
    const answer = await probe(url, 2_000, signal);
    const health = answer.kind === 'ploinky' ? answer.health : undefined;
    if (health && (health.phase !== 'starting' || progress.total > startTimeoutMs / 2)) return health;
    if (progress.total > startTimeoutMs) {
      throw new PloinkyError('SERVER_START_FAILED', `The server listens at ${url} but does not answer.`);
    }
    await pause(50, signal);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        fail(new Error('interrupted'));
      },
      { once: true },
    );
  });
}

/** Noted before it listens, so that a server is never without its process id in the file. */
async function note(session: Session, wanted: Wanted, pid: number): Promise<void> {
  const serverStart = await processStart(pid);
  await session.cloudFile.update({ serverPid: pid, serverStart, serverDir: wanted.dir });
}

/** A login elsewhere opens nothing here; one at the same cloud does, also where it listens at another port now. */
async function connect(session: Session, { dir, host, port: asked }: Wanted, before: CloudFile, port: number) {
  const serverUrl = localUrl(host, port);
  const sameCloud = before.serverDir === dir && before.serverPort !== undefined;
  const known = [serverUrl, ...(sameCloud ? [localUrl(host, before.serverPort ?? port)] : [])];
  const elsewhere = before.serverUrl !== undefined && !known.includes(before.serverUrl);
  const forgotten = elsewhere ? { authToken: undefined, userId: undefined } : {};
  // Where the setting decided, a change of the setting is to count.
  const askedPort = asked === undefined ? undefined : port;
  await session.cloudFile.update({ serverUrl, serverPort: port, askedPort, ...forgotten });
}

async function forget(session: Session): Promise<void> {
  await session.cloudFile.update({ serverPid: undefined, serverStart: undefined });
}

/** The address to reach a server on this machine by. */
export function localUrl(host: string | undefined, port: number): string {
  if (!host || host === '0.0.0.0' || host === '::' || host === '127.0.0.1' || host === '::1') {
    return `http://localhost:${port}`;
  }
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
