import type { Readable } from 'node:stream';
import type { ImageInspectInfo } from 'dockerode';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineDiskFull, meansDiskFull } from './engine-failure.ts';
import type { ResolvedImage } from './engine-port.ts';
import { archiveOf } from './host-files/archive.ts';
import { collectHostFiles } from './host-files/collect.ts';
import type { HostTree } from './host-files/host-tree.ts';
import { refusedWith } from './owned-containers.ts';
import { readPull } from './pull-image.ts';
import { PullProgress } from './pull-progress.ts';

const major = process.versions.node.split('.')[0];

/** Name of the image that is made of this machine's own Node. */
export const hostImage = `localhost/ploinky-host-node:${major}`;

/** Holds the fingerprint of the files, so that a look at the image tells whether it is still theirs. */
const label = 'ploinky.host-image';

/** Go's names of architectures, by ours. Others are called the same. */
const goNames: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' };

type HostImageInfo = Pick<ImageInspectInfo, 'Id'> & {
  readonly Config?: { readonly Labels?: Readonly<Record<string, string>> | null } | null;
};

/**
 * Makes sure that the engine has the image and that it holds the files as they are now.
 * @throws PloinkyError IMAGE_NOT_FOUND when this machine lacks something or its programs cannot run in the engine,
 * NAME_TAKEN when somebody else's image has the name, ENGINE_FAILED, ENGINE_UNAVAILABLE, ENGINE_TIMEOUT
 */
export async function importHostImage(
  connection: EngineConnection,
  signal: AbortSignal,
  onProgress?: (line: string) => void,
  collect = collectHostFiles,
): Promise<ResolvedImage> {
  await checkMachine(connection, signal);
  const files = await collected(collect, signal);
  const fingerprint = files.fingerprint();
  const before = await inspect(connection, signal);
  if (before !== null) {
    const found = before.Config?.Labels?.[label];
    if (found === fingerprint) return resolved(before);
    if (found === undefined) {
      throw new PloinkyError('NAME_TAKEN', `${connection.who} has an image ${hostImage} that Ploinky did not make.`);
    }
  }
  onProgress?.(`making ${hostImage} of this machine's own Node ${process.version}`);
  await send(connection, files, fingerprint, signal, onProgress);
  const after = await inspect(connection, signal);
  if (after?.Config?.Labels?.[label] === fingerprint) return { ...resolved(after), origin: 'made' };
  throw new PloinkyError('ENGINE_FAILED', `${connection.who} took ${hostImage} and does not have it now.`);
}

/** The programs of this machine must be programs of the engine's machine too, which may be a virtual one or far away. */
async function checkMachine(connection: EngineConnection, signal: AbortSignal): Promise<void> {
  const { Os, Arch } = await connection.ask('say what it runs on', signal, (docker) => docker.version());
  const here = `${process.platform}/${goNames[process.arch] ?? process.arch}`;
  const there = `${Os ?? 'linux'}/${Arch ?? here.split('/')[1]}`;
  if (here === there && process.platform === 'linux') return;
  throw impossible(`this machine is ${here}, and ${connection.who} runs ${there}`);
}

async function collected(collect: typeof collectHostFiles, signal: AbortSignal): Promise<HostTree> {
  try {
    return await collect(signal);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw impossible((error as Error).message, error);
  }
}

/** Podman ignores `tag`, so that the name carries it. */
async function send(
  connection: EngineConnection,
  files: HostTree,
  fingerprint: string,
  signal: AbortSignal,
  onProgress?: (line: string) => void,
): Promise<void> {
  const progress = new PullProgress();
  const archive = archiveOf(files.entries());
  let unreadable: Error | null = null;
  archive.once('error', (error) => {
    unreadable = error;
  });
  const changes = [`LABEL ${label}=${fingerprint}`, 'CMD ["sh"]'];
  try {
    await connection.ask(
      `import ${hostImage}`,
      signal,
      async (docker, abortSignal) => {
        const answer = await docker.importImage(archive, { repo: hostImage, changes, abortSignal });
        await readPull(answer as Readable, progress, onProgress, abortSignal);
      },
      null,
    );
  } catch (error) {
    if (unreadable !== null) throw impossible((unreadable as Error).message, unreadable);
    throw error;
  } finally {
    archive.destroy();
  }
  if (progress.problem !== null) {
    if (meansDiskFull(progress.problem)) throw engineDiskFull(connection.who, `import ${hostImage}`, progress.problem);
    throw new PloinkyError('ENGINE_FAILED', `${connection.who} refused to import ${hostImage}: ${progress.problem}`);
  }
}

async function inspect(connection: EngineConnection, signal: AbortSignal): Promise<HostImageInfo | null> {
  try {
    return await connection.ask('inspect an image', signal, (docker) => docker.getImage(hostImage).inspect());
  } catch (error) {
    if (refusedWith(error, 404)) return null;
    throw error;
  }
}

function resolved({ Id }: HostImageInfo): ResolvedImage {
  return { reference: hostImage, imageId: Id.startsWith('sha256:') ? Id : `sha256:${Id}`, digest: null };
}

function impossible(why: string, cause?: unknown): PloinkyError {
  return new PloinkyError('IMAGE_NOT_FOUND', `No image can be made of this machine's own Node: ${why}.`, { cause });
}
