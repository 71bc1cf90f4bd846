import { access, realpath } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseDomain, parseName, parsePath } from '../../core/names/names.ts';
import type { Invocation } from '../command-spec.ts';
import { Api } from '../connection/api.ts';
import { RemoteProblem } from '../connection/remote-problem.ts';
import { deployRequest } from '../deploy/deploy-request.ts';
import { exampleCall } from '../deploy/example-call.ts';
import { followRelease } from '../deploy/follow-release.ts';
import { DevReleases } from '../dev/dev-releases.ts';
import { FolderWatch } from '../dev/folder-watch.ts';
import { OwnPath } from '../dev/own-path.ts';
import { savedInstead } from '../dev/saved-instead.ts';
import { shownOnce } from '../dev/shown-once.ts';
import { StreamedOutput } from '../dev/stream-output.ts';
import type { Snapshot } from '../dev/work-tree.ts';
import type { Session } from '../session.ts';
import { nextStep, reportError } from '../terminal/report-error.ts';
import { bold, dim, t, tick } from '../terminal/text.ts';

/** Before a server that could not be reached is tried again. */
const againMs = 3_000;

/** `cloud dev [folder]` */
export async function dev({ session, args, options }: Invocation): Promise<number> {
  const { out, surroundings } = session;
  const { signal, cwd, home } = surroundings;
  const folder = resolve(cwd, args[0] ?? '.');
  await checkManifest(folder);
  const agent = parseName(options.text('agent') ?? basename(folder), 'agent');
  const domain = parseDomain(options.text('domain') ?? 'localhost');
  const path = parsePath(options.text('path') ?? `/${agent}`);
  const deployment = `${domain}${path}`;
  const api = await session.api();
  const { WorkTree } = await import('../dev/work-tree.ts');
  const tree = await WorkTree.open(folder, agent, home);
  const watch = new FolderWatch();
  const output = new StreamedOutput(session);
  // By its real path: others may have the same name, and a link may lead here from elsewhere.
  const where = { machine: hostname(), folder: await realpath(folder) };
  const own = new OwnPath(domain, path, where, options.flag('replace'));
  const request = { ...deployRequest([domain, path, agent], options, undefined, ''), dev: where };
  const releases = new DevReleases(api, tree, request);

  /** The server could not be reached, so that the same is tried again. */
  let away = false;
  /** False where it failed, which is told. */
  const deployed = async (snapshot: Snapshot): Promise<boolean> => {
    if (snapshot.changed.length > 0 && !away) out.note(dim(`changed: ${snapshot.changed.join(', ')}`));
    output.hold();
    let made = 0;
    try {
      await own.check(api);
      const { release, seq, isolation = null, deployment: answer } = await releases.deploy(snapshot);
      away = false;
      output.begin(api, deployment, release);
      made = release;
      // Once is enough.
      const told = snapshot.changed.length > 0 ? null : isolation;
      const pending = { deployment, release, seq, isolation: told, replicas: answer.replicas ?? 1 };
      const served = await followRelease(session, api, pending);
      const { address, curl } = exampleCall(api.serverUrl, domain, path, served);
      out.record(
        { deployment, release, address, curl },
        () => t`${tick} Release ${release} serves at ${bold(address)}`,
      );
      return true;
    } catch (error) {
      if (signal.aborted || isPloinkyError(error, 'DEV_PATH_TAKEN')) throw error;
      const wasAway = away;
      away = isAway(error);
      if (!away || !wasAway) reportError(await shownOnce(savedInstead(error), output, made), out, session.debug);
      return false;
    } finally {
      output.release();
    }
  };

  try {
    let seen: string | null = null;
    for (;;) {
      // Watched before it is read, so that nothing changes unseen in between.
      watch.follow(await tree.folders());
      const snapshot = await tree.snapshot().catch((error: unknown) => {
        if (options.flag('once')) throw error;
        reportError(error, out, session.debug);
        return null;
      });
      if (snapshot && snapshot.tree !== seen) {
        const well = await deployed(snapshot);
        seen = away ? null : snapshot.tree;
        if (options.flag('once')) {
          if (options.flag('rm') && !away) await leave(session, own, true);
          return well ? 0 : 1;
        }
        if (!away)
          out.note(
            dim(well ? 'waiting for changes; Ctrl-C ends' : 'what served before serves on; waiting for changes'),
          );
      }
      if (away) await pause(againMs, undefined, { signal });
      else await watch.changed(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    out.status(undefined);
    await output.end();
    await leave(session, own, options.flag('rm'));
    return 0;
  } finally {
    watch.close();
    await tree.close();
  }
}

/** What is deployed stays so, unless it was asked to go. */
async function leave(session: Session, own: OwnPath, remove: boolean): Promise<void> {
  const { out } = session;
  const { domain, path } = own;
  if (!remove) {
    out.note(t`${domain}${path} stays deployed as it is.`);
    out.note(nextStep(`p-cli cloud undeploy ${domain} ${path}`));
    return;
  }
  // The one of the session may have been ended by Ctrl-C.
  const { serverUrl, token } = await session.connection();
  const left = await own.remove(new Api({ serverUrl, token }));
  if (left.kind === 'replaced') {
    out.note(t`${domain}${path} stays deployed: it served something else before dev. Bring that back with rollback.`);
    out.note(nextStep(`p-cli cloud rollback ${domain} ${path} --to ${left.release}`));
  } else if (left.kind === 'undeployed') out.note(t`${tick} Undeployed ${domain}${path}`);
  else if (left.kind === 'nothing') out.note(t`Nothing is deployed at ${domain}${path}.`);
  else out.note(t`${domain}${path} stays deployed: what serves there was not made by dev.`);
}

/** Also a server that begins or ends: what it did not take is brought to it again. */
function isAway(error: unknown): boolean {
  if (error instanceof RemoteProblem) return error.status === 503 || error.status === 504;
  const codes = ['SERVER_UNREACHABLE', 'SERVER_TIMEOUT', 'SERVER_ANSWER_INVALID'] as const;
  return codes.some((code) => isPloinkyError(error, code));
}

async function checkManifest(folder: string): Promise<void> {
  await access(join(folder, 'manifest.json')).catch(() => {
    throw new PloinkyError('FILE_UNREADABLE', `There is no manifest.json in ${folder}.`, {
      hint: 'Name the folder of one agent; docs/manifest.md says what its manifest may hold.',
    });
  });
}
