import { access } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import path from 'node:path';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import { filesOf, type ServedFiles } from '../../../decisions/serves-files.ts';
import type { Release } from '../../../projections/releases.ts';
import { siteTakesNoTasks } from '../../agents/agent-address.ts';
import { releaseFolder } from '../../pipeline/paths.ts';
import type { Proof } from '../auth/identify.ts';
import { errorReply } from '../error-reply.ts';
import { settledFiles } from '../files/folder-files.ts';
import type { Sent } from '../files/send-file.ts';
import { fileMethods, type Site, type SiteAddress, sendNotFoundPage, serveSite } from '../files/serve-site.ts';
import { account } from './account.ts';
import { meansTask } from './call-header.ts';
import type { GatewaySurroundings } from './gateway-surroundings.ts';
import { servingRelease } from './serving-release.ts';

/** A deployment whose files are what it serves. */
export interface SiteTarget {
  readonly release: Release;
  readonly files: ServedFiles;
  readonly address: SiteAddress;
  /** Who asks, where that is known. */
  readonly caller: Proof | null;
}

/**
 * Answers with a file and counts the request.
 * @throws PloinkyError NOT_FOUND, METHOD_NOT_ALLOWED, TAKES_NO_TASKS, AGENT_UNREACHABLE when the checkout is gone
 */
export async function answerSite(
  surroundings: GatewaySurroundings,
  target: SiteTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const began = performance.now();
  const over = (status: number, { bytes, whole }: Sent) => {
    const outcome = whole ? 'whole' : 'clientGone';
    const passed = { status, requestBytes: 0, responseBytes: bytes, outcome } as const;
    account(surroundings, target, request, passed, performance.now() - began);
  };
  try {
    const sent = await send(surroundings, target, request, response);
    over(response.statusCode, sent);
  } catch (error) {
    over(errorReply(error).status, { bytes: 0, whole: true });
    throw error;
  }
}

async function send(
  surroundings: GatewaySurroundings,
  target: SiteTarget,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Sent> {
  const { method } = request;
  const { release, files, address } = target;
  const { deployment } = release;
  if (meansTask(request.headers)) throw siteTakesNoTasks(deployment);
  if (method === 'OPTIONS') {
    response.writeHead(204, { allow: fileMethods }).end();
    return { bytes: 0, whole: true };
  }
  if (method !== 'GET' && method !== 'HEAD') {
    throw new PloinkyError('METHOD_NOT_ALLOWED', `${deployment} serves files, which can only be read.`, {
      hint: 'Ask with GET or HEAD. What shall take data is an agent or a web service.',
      details: { allow: fileMethods.split(', ') },
    });
  }
  const site = siteOf(surroundings, release, files);
  const sent = await serveSite(request, response, site, address);
  if (sent) return sent;
  // Its files go as soon as another release serves: who asked at that moment is answered by the other one.
  const newer = siteAt(surroundings, deployment);
  if (newer && newer.release.n !== release.n) return send(surroundings, { ...target, ...newer }, request, response);
  const page = await sendNotFoundPage(request, response, site);
  if (page) return page;
  const there = await access(site.folder).then(
    () => true,
    () => false,
  );
  if (there) throw new PloinkyError('NOT_FOUND', `${deployment} has no file at this address.`);
  throw new PloinkyError('AGENT_UNREACHABLE', `The files of ${deployment} are not on this machine any more.`, {
    hint: 'Deploy it again with `p-cli cloud deploy`, which makes a new checkout.',
  });
}

function siteOf(
  { dataFolder, cloud }: GatewaySurroundings,
  { deployment, n }: Release,
  { folder, spa }: ServedFiles,
): Site {
  return {
    folder: path.join(releaseFolder(dataFolder, deployment, n), 'code', folder),
    files: settledFiles,
    spa,
    withheld: folder === '.' ? ownManifest : nothing,
    kept: cloud.settings().enableAuth ? 'private' : 'public',
  };
}

/** It may name what visitors need not know; in a folder below, that name is the site's own (web app manifests). */
const ownManifest: ReadonlySet<string> = new Set(['manifest.json']);
const nothing: ReadonlySet<string> = new Set();

/** What serves at a deployment, where that is files. */
export function siteAt(
  surroundings: Pick<GatewaySurroundings, 'cloud'>,
  id: string,
): Pick<SiteTarget, 'release' | 'files'> | null {
  const deployment = surroundings.cloud.views().deployments.get(id);
  const release = deployment && servingRelease(surroundings, deployment);
  const files = release ? filesOf(release) : null;
  return release && files ? { release, files } : null;
}
