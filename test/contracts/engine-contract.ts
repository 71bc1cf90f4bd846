import { afterAll, beforeAll, describe } from 'vitest';
import { ending } from './engine/ending.ts';
import { type EngineFixture, EngineGround } from './engine/ground.ts';
import { imagesAndRuns } from './engine/images-and-runs.ts';
import { networksAndVolumes } from './engine/networks-and-volumes.ts';
import { outputAndUse } from './engine/output-and-use.ts';
import { programs } from './engine/programs.ts';
import { starting } from './engine/starting.ts';
import { watching } from './engine/watching.ts';

/** What every engine does, whatever it is made of. */
export function engineContract(title: string, makeFixture: () => Promise<EngineFixture>): void {
  describe(title, () => {
    const ground = new EngineGround();
    beforeAll(async () => {
      ground.fixture = await makeFixture();
    });
    afterAll(async () => {
      await ground.fixture?.cleanUp();
    });

    imagesAndRuns(ground);
    starting(ground);
    programs(ground);
    ending(ground);
    describe('what outlives a container', () => {
      networksAndVolumes(ground);
    });
    outputAndUse(ground);
    watching(ground);
  });
}
