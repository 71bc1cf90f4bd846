import { lstat, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { quote } from '../../core/names/names.ts';
import type { EngineVolume, EngineVolumes, EnsuredVolume, WantedVolume } from '../engine/volume-port.ts';

const safeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}$/;

/** Named volumes of plain processes: folders of the cloud, which nothing but the processes' own behaviour protects. */
export class ProcessVolumes implements EngineVolumes {
  readonly #folder: string;

  /** @param folder `<data>/volumes` */
  constructor(folder: string) {
    this.#folder = folder;
  }

  ensure(wanted: WantedVolume, options: { create: true; signal: AbortSignal }): Promise<EnsuredVolume>;
  ensure(wanted: WantedVolume, options: { create: boolean; signal: AbortSignal }): Promise<EnsuredVolume | null>;
  async ensure(
    { name }: WantedVolume,
    { create, signal }: { create: boolean; signal: AbortSignal },
  ): Promise<EnsuredVolume | null> {
    signal.throwIfAborted();
    const place = this.place(name);
    if (await stat(place).catch(() => null)) return { found: true };
    if (!create) return null;
    await mkdir(place, { recursive: true, mode: 0o700 });
    return { found: false };
  }

  async remove(name: string, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const place = this.place(name);
    if (!(await lstat(place).catch(() => null))) return false;
    await rm(place, { recursive: true, force: true });
    return true;
  }

  async list(signal: AbortSignal): Promise<readonly EngineVolume[]> {
    const names = (await readdir(this.#folder).catch(() => [])).filter((name) => safeName.test(name));
    const volumes: EngineVolume[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      volumes.push({ name, sizeBytes: await sizeOf(join(this.#folder, name), signal) });
    }
    return volumes;
  }

  /** @throws PloinkyError START_FAILED */
  place(name: string): string {
    if (!safeName.test(name)) throw new PloinkyError('START_FAILED', `${quote(name)} cannot be the name of a volume.`);
    return join(this.#folder, name);
  }
}

/** Bytes of the files below, as far as they can be seen. */
async function sizeOf(folder: string, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    signal.throwIfAborted();
    const place = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await sizeOf(place, signal);
    else bytes += (await lstat(place).catch(() => null))?.size ?? 0;
  }
  return bytes;
}
