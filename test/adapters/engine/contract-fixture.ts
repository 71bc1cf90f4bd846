import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { EngineFixture } from '../../contracts/engine/ground.ts';
import { shellImage } from '../../engines/base-images.ts';
import { makeLiveFixture, openLiveEngine } from './live-fixture.ts';

/** A container engine for the contract that plain processes fulfil too. */
export async function makeContractFixture(kind: 'docker' | 'podman', socketPath: string): Promise<EngineFixture> {
  const live = await makeLiveFixture(kind, socketPath);
  const other = await makeLiveFixture(kind, socketPath);
  const tempFolder = mkdtempSync(path.join(tmpdir(), 'pk-'));
  return {
    engine: live.engine,
    cloudId: live.cloudId,
    makeEngineAgain: () => openLiveEngine(kind, socketPath, live.cloudId),
    otherCloud: other,
    image: shellImage,
    tempFolder,
    makeForeign: async (name) => {
      const container = await live.foreign(name);
      return { isRunning: async () => (await container.inspect()).State.Running };
    },
    supports: { networkNone: true, readOnlyMounts: true, isolation: true },
    cleanUp: async () => {
      await live.cleanUp();
      await other.cleanUp();
      rmSync(tempFolder, { recursive: true, force: true });
    },
  };
}
