import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { EngineConnection } from './engine-connection.ts';
import type { ResolvedImage } from './engine-port.ts';
import { type ImageReference, parseImageReference, pullName } from './image-reference.ts';
import { refusedWith } from './owned-containers.ts';
import { pullImage } from './pull-image.ts';
import { resolvedFromInspect } from './resolved-image.ts';

/** What is here is used as it is; only what is missing is pulled. */
export async function resolveImage(
  connection: EngineConnection,
  text: string | null,
  options: { signal: AbortSignal; onProgress?: (line: string) => void },
): Promise<ResolvedImage> {
  if (text === null) {
    throw new PloinkyError('IMAGE_NOT_FOUND', `${connection.who} runs images, and none was named.`);
  }
  const reference = parseImageReference(text);
  const here = await localImage(connection, text, reference, options.signal);
  if (here !== null) return here;
  if (reference.kind === 'id') {
    throw new PloinkyError('IMAGE_NOT_FOUND', `${connection.who} has no image with the id ${reference.id} any more.`);
  }
  await pullImage(connection, reference, options);
  const pulled = await localImage(connection, text, reference, options.signal);
  if (pulled !== null) return { ...pulled, origin: 'pulled' };
  throw new PloinkyError('IMAGE_PULL_FAILED', `${connection.who} pulled ${quote(text)} and does not have it now.`);
}

async function localImage(
  connection: EngineConnection,
  text: string,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<ResolvedImage | null> {
  const name = reference.kind === 'id' ? reference.id : pullName(reference);
  try {
    const answer = await connection.ask('inspect an image', signal, (docker) => docker.getImage(name).inspect());
    return resolvedFromInspect(text, reference, answer);
  } catch (error) {
    if (refusedWith(error, 404)) return null;
    throw error;
  }
}
