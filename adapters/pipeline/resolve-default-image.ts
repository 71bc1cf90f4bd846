import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Engine, ResolvedImage } from '../engine/engine-port.ts';

/**
 * For the first word of the registry. A network that swallows packets would otherwise hold a deploy for minutes; once
 * something came, the pull may take its time.
 */
const firstWordMs = 20_000;

export interface DefaultImageOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
  /** Told why the default image is not to be had and what is taken instead. */
  readonly onFallback: (reason: string, taken: string) => void;
}

/**
 * The default image, or where no registry gives it one that the engine makes of this machine's own Node: nobody asked
 * for that image by name, and an agent without one needs Node and a shell.
 * @throws PloinkyError of the pull when there is neither
 */
export async function resolveDefaultImage(
  engine: Engine,
  reference: string,
  { signal, onProgress, onFallback }: DefaultImageOptions,
): Promise<ResolvedImage> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), firstWordMs);
  try {
    return await engine.resolveImage(reference, {
      signal: AbortSignal.any([signal, silence.signal]),
      onProgress: (line) => {
        clearTimeout(timer);
        onProgress(line);
      },
    });
  } catch (error) {
    if (signal.aborted) throw error;
    const failure = silence.signal.aborted ? noWord(reference) : error;
    if (!isPloinkyError(failure, 'IMAGE_PULL_FAILED') && !isPloinkyError(failure, 'IMAGE_NOT_FOUND')) throw failure;
    const made = await madeHere(engine, failure, signal, onProgress);
    onFallback(sentence(failure.message), made.reference ?? '');
    return made;
  } finally {
    clearTimeout(timer);
  }
}

async function madeHere(
  engine: Engine,
  failure: PloinkyError,
  signal: AbortSignal,
  onProgress: (line: string) => void,
): Promise<ResolvedImage> {
  try {
    return await engine.importHostImage(signal, onProgress);
  } catch (error) {
    if (signal.aborted || !isPloinkyError(error)) throw error;
    throw new PloinkyError(failure.code, `${sentence(failure.message)} ${error.message}`, { cause: error });
  }
}

function noWord(reference: string): PloinkyError {
  const within = `${firstWordMs / 1000} s`;
  return new PloinkyError('IMAGE_PULL_FAILED', `No registry answered within ${within} when asked for ${reference}.`);
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
