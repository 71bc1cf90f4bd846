import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createProcessEngine } from '../../../adapters/process/process-engine.ts';
import type { EngineFixture } from '../../contracts/engine/ground.ts';

export interface ProcessFixture extends EngineFixture {
  readonly stateFolder: string;
}

/** A process engine in a folder of its own, beside one of another cloud in the same folder. */
export async function makeProcessFixture(): Promise<ProcessFixture> {
  // With what a shell would trip over, as in a user's own folders.
  const root = mkdtempSync(path.join(tmpdir(), "ploinky it's $a process-"));
  const stateFolder = path.join(root, 'process');
  const tempFolder = path.join(root, 'shared');
  mkdirSync(tempFolder);
  const [cloudId, otherId] = [randomBytes(6).toString('hex'), randomBytes(6).toString('hex')] as const;
  const engineOf = (id: string) => createProcessEngine({ stateFolder, cloudId: id });
  const engine = engineOf(cloudId);
  const otherCloud = { engine: engineOf(otherId), cloudId: otherId };
  return {
    engine,
    cloudId,
    otherCloud,
    stateFolder,
    tempFolder,
    image: null,
    makeForeign: null,
    makeEngineAgain: () => engineOf(cloudId),
    supports: { networkNone: false, readOnlyMounts: false, isolation: false },
    async cleanUp() {
      const signal = AbortSignal.timeout(30_000);
      try {
        for (const one of [engine, otherCloud.engine]) {
          for (const { name } of await one.list(signal)) await one.remove(name, signal);
          await one.close();
        }
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    },
  };
}
