import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLive } from '../engines/live-engine.ts';
import { metadataAddress, metadataAnswer, startFakeMetadata } from './fake-metadata.ts';
import { managementCase } from './management-case.ts';
import { Reach } from './reach-suite.ts';

describeLive('podman', 'private networks', (socketPath) => {
  let reach: Reach;
  beforeAll(async () => {
    reach = await Reach.on('podman', socketPath);
  });
  afterAll(() => reach?.live.cleanUp());

  it('keep deployments apart', async () => {
    const [one, other] = [await reach.network('one'), await reach.network('other')];
    const url = `http://${await reach.service(one.name)}:8080/`;
    expect(await reach.get(one.name, url)).toBe('200 service');
    expect(await reach.get(other.name, url)).toMatch(/^E[A-Z]+$/);
  });

  managementCase(() => reach);

  describe('beside metadata of a cloud', () => {
    let fake: Awaited<ReturnType<typeof startFakeMetadata>> | undefined;
    beforeAll(async () => {
      fake = await startFakeMetadata(null);
    });
    afterAll(() => fake?.stop());

    it('have no way there, and leave no rule behind', async () => {
      const url = `http://${metadataAddress}/latest/meta-data/`;
      expect(await reach.getUnguarded('podman', url)).toBe(`200 ${metadataAnswer}`);
      const { name, metadata, subnets } = await reach.network('curious');
      expect(metadata).toBe('closed');
      expect(await reach.get(name, url)).toMatch(/^E[A-Z]+$/);
      const rules = () => execFileSync('ip', ['rule']).toString();
      expect(rules()).toContain(subnets[0]);
      await reach.engine.networks?.remove(name, AbortSignal.timeout(30_000));
      expect(rules()).not.toContain(subnets[0]);
    });
  });
});
