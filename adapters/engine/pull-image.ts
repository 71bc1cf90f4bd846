import type { Readable } from 'node:stream';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { EngineConnection } from './engine-connection.ts';
import { engineDiskFull, engineWords, meansDiskFull, statusOf } from './engine-failure.ts';
import { type ImageReference, pullName } from './image-reference.ts';
import { meansNoSuchImage, PullProgress } from './pull-progress.ts';
import { LineSplitter } from './split-lines.ts';

/**
 * Pulls to the end. Only the caller's signal limits how long, since the size of an image is unknown.
 * @throws PloinkyError IMAGE_NOT_FOUND, IMAGE_PULL_FAILED, ENGINE_DISK_FULL, ENGINE_TIMEOUT, ENGINE_UNAVAILABLE
 */
export async function pullImage(
  connection: EngineConnection,
  reference: ImageReference & { kind: 'name' },
  options: { signal: AbortSignal; onProgress?: (line: string) => void },
): Promise<void> {
  const name = pullName(reference);
  const progress = new PullProgress();
  try {
    await connection.ask(
      `pull ${name}`,
      options.signal,
      async (docker, abortSignal) => {
        const stream = await docker.createImage({ fromImage: name, abortSignal });
        await readPull(stream as Readable, progress, options.onProgress, abortSignal);
      },
      null,
    );
  } catch (error) {
    const status = statusOf((error as PloinkyError).cause);
    if (status === null) throw error;
    throw pullFailure(connection.who, name, status, engineWords((error as PloinkyError).cause));
  }
  if (progress.problem !== null) {
    throw pullFailure(connection.who, name, null, engineWords({ message: progress.problem }));
  }
}

/** Reads what `POST /images/create` answers, to its end. */
export function readPull(
  stream: Readable,
  progress: PullProgress,
  onProgress: ((line: string) => void) | undefined,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines = new LineSplitter();
    const take = (all: string[]) => {
      for (const line of all) {
        const shown = progress.push(line);
        if (shown !== null) onProgress?.(shown);
      }
    };
    signal.addEventListener('abort', () => stream.destroy(), { once: true });
    stream.on('data', (chunk: Buffer) => take(lines.push(chunk)));
    stream.on('error', reject);
    stream.on('end', () => {
      take(lines.end());
      resolve();
    });
    // An engine that ends in the middle closes without end; the promise must settle then too.
    stream.on('close', () => reject(Object.assign(new Error('the answer broke off'), { code: 'ECONNRESET' })));
  });
}

function pullFailure(who: string, name: string, status: number | null, words: string): PloinkyError {
  if (meansDiskFull(words)) return engineDiskFull(who, `pull ${quote(name)}`, words);
  if (meansNoSuchImage(status, words)) {
    return new PloinkyError('IMAGE_NOT_FOUND', `The image ${quote(name)} does not exist: ${who} says ${words}`);
  }
  return new PloinkyError('IMAGE_PULL_FAILED', `${who} could not pull ${quote(name)}: ${words}`);
}
