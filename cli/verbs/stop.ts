import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { CloudFile } from '../connection/cloud-file.ts';
import { defaultServerUrl } from '../connection/server-url.ts';
import { probe } from '../server/health-probe.ts';
import { holderOf } from '../server/holder.ts';
import { processStart } from '../server/process-identity.ts';
import type { Session } from '../session.ts';
import { attended } from '../terminal/ask.ts';
import { elapsed } from '../terminal/duration.ts';
import { Progress } from '../terminal/progress.ts';
import { nextStep } from '../terminal/report-error.ts';
import { t, tick } from '../terminal/text.ts';

/** `cloud stop` */
export async function stop({ session, options }: Invocation): Promise<void> {
  const { surroundings, cloudFile } = session;
  const limitMs = seconds(options.text('timeout')) * 1000;
  const file = await cloudFile.read();
  const named = options.text('dir') ?? (surroundings.env.PLOINKY_CLOUD_DIR || undefined);
  const dir = resolve(surroundings.cwd, named ?? file.serverDir ?? '.');
  const found = await serverToStop(file, dir, named !== undefined && dir !== file.serverDir);
  if (!found) return nothingToStop(session, file.serverUrl ?? defaultServerUrl, dir);
  await end(session, found, limitMs);
  if (found.pid === file.serverPid) await forget(session);
  session.out.result({ stopped: true, pid: found.pid }, () => t`${tick} Server stopped (process ${found.pid})`);
  if (session.out.json || !(await hasAgents(dir))) return;
  // Where nobody can be asked it would be refused.
  const destroy = attended(session) ? 'destroy all' : 'destroy all --yes';
  const more = `the next \`p-cli cloud start\` takes them over. To end them, start it and \`p-cli cloud ${destroy}\``;
  session.out.note(nextStep(`Agents keep running; ${more}`));
}

/**
 * The server that was started from here, else the one that has the log of the folder open.
 * @throws PloinkyError SERVER_NOT_OURS where a process may be it and nobody can tell
 */
async function serverToStop(file: CloudFile, dir: string, elsewhere: boolean): Promise<Running | undefined> {
  const { serverPid: pid, serverStart } = file;
  const start = pid === undefined || elsewhere ? undefined : await processStart(pid);
  if (pid !== undefined && start !== undefined && start === serverStart) return { pid, start };
  const holder = await holderOf(dir);
  if (holder?.certain) return holder;
  if (holder) {
    const { pid: other, holder: who } = holder;
    throw new PloinkyError(
      'SERVER_NOT_OURS',
      `Process ${other} (${who}) noted itself as the server of ${dir}; whether it still is, nobody can tell.`,
      {
        hint: `Look at it with \`ps -p ${other} -o pid,lstart,args\`; if it is the server, end it with: kill ${other}`,
      },
    );
  }
  if (pid === undefined || start === undefined) return undefined;
  throw new PloinkyError(
    'SERVER_NOT_OURS',
    `Process ${pid} is not, or not provably, the server that was started from here; it was left alone.`,
  );
}

interface Running {
  readonly pid: number;
  /** As `processStart` says it. */
  readonly start: string;
}

async function end(session: Session, { pid, start }: Running, limitMs: number): Promise<void> {
  const progress = new Progress(session.out, session.surroundings);
  try {
    process.kill(pid, 'SIGTERM');
    progress.begin('stopping the server');
    while ((await processStart(pid)) === start) {
      if (progress.total > limitMs) {
        throw new PloinkyError(
          'SERVER_TIMEOUT',
          `Process ${pid} still runs ${elapsed(progress.total)} after SIGTERM.`,
          {
            hint: `Wait and look again, or end it by hand: kill -9 ${pid}. No acknowledged event is lost by that.`,
          },
        );
      }
      await pause(50, undefined, { signal: session.surroundings.signal });
    }
  } finally {
    progress.close();
  }
}

/** Where it listened and what it served stays: the next start is to be found there again. */
async function forget({ cloudFile }: Session): Promise<void> {
  await cloudFile.update({ serverPid: undefined, serverStart: undefined });
}

/** Releases whose files are kept are those that run. */
async function hasAgents(dir: string): Promise<boolean> {
  const agents = join(dir, '.ploinky-cloud', 'agents');
  for (const deployment of await readdir(agents).catch(() => [])) {
    // Static files of domains lie beside them.
    if (deployment !== 'static' && (await readdir(join(agents, deployment)).catch(() => [])).length > 0) return true;
  }
  return false;
}

async function nothingToStop(session: Session, url: string, dir: string): Promise<void> {
  const { serverPid } = await session.cloudFile.read();
  if (serverPid !== undefined) await session.cloudFile.update({ serverPid: undefined, serverStart: undefined });
  if ((await probe(url, 2_000, session.surroundings.signal)).kind === 'ploinky') {
    throw new PloinkyError('SERVER_NOT_OURS', `The server at ${url} was not started from this folder.`, {
      hint: 'Name the folder of its cloud: `p-cli cloud stop --dir <folder>`, on the machine where it runs.',
    });
  }
  session.out.result(
    { stopped: false, pid: null },
    () => t`No server runs that was started from here or serves ${dir}`,
  );
}

function seconds(text: string | undefined): number {
  if (text === undefined) return 30;
  const value = Number(text);
  if (!(value > 0 && value <= 86_400)) throw new PloinkyError('USAGE', `--timeout takes seconds, not ${text}.`);
  return value;
}
