import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine, ResolvedImage } from '../../../adapters/engine/engine-port.ts';
import { resolveDefaultImage } from '../../../adapters/pipeline/resolve-default-image.ts';
import type { ErrorCode } from '../../../core/errors/catalogue.ts';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';

const pulled: ResolvedImage = { reference: 'node:20', imageId: 'sha256:1', digest: 'sha256:2' };
const made: ResolvedImage = { reference: 'localhost/ploinky-host-node:20', imageId: 'sha256:3', digest: null };

type Pull = Engine['resolveImage'];

const failing =
  (code: ErrorCode): Pull =>
  () =>
    Promise.reject(new PloinkyError(code, 'The registry is far away'));

/** A registry that says nothing until it is given up. */
const silent: Pull = (_, { signal }) =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new PloinkyError('ENGINE_TIMEOUT', 'Not done in time.')));
  });

function resolve(
  pull: Pull,
  make: Engine['importHostImage'] = async () => made,
  signal = new AbortController().signal,
) {
  const engine = { resolveImage: pull, importHostImage: vi.fn(make) };
  const told: string[] = [];
  const answer = resolveDefaultImage(engine as unknown as Engine, 'node:20', {
    signal,
    onProgress: () => undefined,
    onFallback: (reason, taken) => told.push(reason, taken),
  });
  // Looked at only after time was moved on.
  answer.catch(() => undefined);
  return { answer, engine, told };
}

describe('the default image', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is the one of the registry when there is one', async () => {
    const { answer, engine, told } = resolve(async () => pulled);
    expect(await answer).toEqual(pulled);
    expect(engine.importHostImage).not.toHaveBeenCalled();
    expect(told).toEqual([]);
  });

  test.each(['IMAGE_PULL_FAILED', 'IMAGE_NOT_FOUND'] as const)('is made here after %s', async (code) => {
    const { answer, told } = resolve(failing(code));
    expect(await answer).toEqual(made);
    expect(told).toEqual(['The registry is far away.', made.reference]);
  });

  test.each(['ENGINE_UNAVAILABLE', 'ENGINE_FAILED', 'ENGINE_TIMEOUT'] as const)('is not after %s', async (code) => {
    const { answer, engine } = resolve(failing(code));
    await expect(answer).rejects.toMatchObject({ code });
    expect(engine.importHostImage).not.toHaveBeenCalled();
  });

  test('is made here when the registry says nothing', async () => {
    const { answer, told } = resolve(silent);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answer).toEqual(made);
    expect(told[0]).toBe('No registry answered within 20 s when asked for node:20.');
  });

  test('may take long once the registry has answered', async () => {
    const { answer, told } = resolve(async (_, { onProgress, signal }) => {
      onProgress?.('Pulling from library/node');
      await new Promise((resolve) => setTimeout(resolve, 500_000));
      signal.throwIfAborted();
      return pulled;
    });
    await vi.advanceTimersByTimeAsync(500_000);
    expect(await answer).toEqual(pulled);
    expect(told).toEqual([]);
  });

  test('is not made when the caller gives up', async () => {
    const caller = new AbortController();
    const { answer, engine } = resolve(silent, undefined, caller.signal);
    caller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ENGINE_TIMEOUT' });
    expect(engine.importHostImage).not.toHaveBeenCalled();
  });

  test('says both reasons when it can be neither pulled nor made', async () => {
    const { answer, told } = resolve(failing('IMAGE_PULL_FAILED'), () =>
      Promise.reject(new PloinkyError('IMAGE_NOT_FOUND', 'There is no shell here.')),
    );
    await expect(answer).rejects.toMatchObject({
      code: 'IMAGE_PULL_FAILED',
      message: 'The registry is far away. There is no shell here.',
    });
    expect(told).toEqual([]);
  });
});
