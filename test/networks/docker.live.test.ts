import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeLive } from '../engines/live-engine.ts';
import { metadataAddress, metadataAnswer, startFakeMetadata } from './fake-metadata.ts';
import { managementCase } from './management-case.ts';
import { Reach } from './reach-suite.ts';
import { startFilteringDocker } from './start-filtering-docker.ts';

describeLive('docker', 'private networks', (socketPath) => {
  describe('of an engine that shares the machine’s network', () => {
    let reach: Reach;
    beforeAll(async () => {
      reach = await Reach.on('docker', socketPath);
    });
    afterAll(() => reach?.live.cleanUp());

    managementCase(() => reach);
  });

  // The engine of the other tests leaves the machine's packet filter alone; this one has a network namespace of its own.
  describe('of an engine as it is installed', () => {
    let docker: Awaited<ReturnType<typeof startFilteringDocker>> | undefined;
    let fake: Awaited<ReturnType<typeof startFakeMetadata>> | undefined;
    let reach: Reach;
    beforeAll(async () => {
      docker = await startFilteringDocker();
      fake = await startFakeMetadata(docker.namespace);
      reach = await Reach.on('docker', docker.socketPath);
    });
    afterAll(async () => {
      await reach?.live.cleanUp();
      await fake?.stop();
      await docker?.stop();
    });

    it('keep deployments apart', async () => {
      const [one, other] = [await reach.network('one'), await reach.network('other')];
      const url = `http://${await reach.service(one.name)}:8080/`;
      expect(await reach.get(one.name, url)).toBe('200 service');
      expect(await reach.get(other.name, url)).toMatch(/^E[A-Z]+$/);
    });

    it('have no way to metadata of a cloud', async () => {
      const url = `http://${metadataAddress}/latest/meta-data/`;
      expect(await reach.getUnguarded('bridge', url)).toBe(`200 ${metadataAnswer}`);
      const { name, metadata } = await reach.network('curious');
      expect(metadata).toBe('closed');
      expect(await reach.get(name, url)).toMatch(/^E[A-Z]+$/);
      expect(await reach.get(name, 'http://[fd00:ec2::254]/latest/meta-data/')).toMatch(/^E[A-Z]+$/);
    });
  });
});
