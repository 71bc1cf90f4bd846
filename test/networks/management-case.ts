import { expect, it } from 'vitest';
import { startTestServer } from '../adapters/http/test-server.ts';
import type { Reach } from './reach-suite.ts';

/** A server that listens on all interfaces, before containers of the engine in the same machine. */
export function managementCase(reach: () => Reach): void {
  it('do not reach the management, whatever it listens on, but agents', async () => {
    const network = await reach().network('nosy');
    const server = await startTestServer({ host: '0.0.0.0' });
    try {
      await server.deploy('/demo');
      const { name, subnets } = network;
      const stream = `network:docker/${name}`;
      const wanted = { name, engine: 'docker', deployment: network.deployment };
      const made = { engineId: network.engineId, subnets: [...subnets], found: false, metadata: network.metadata };
      server.cloud.append(
        [
          { type: 'network.createRequested', stream, data: wanted },
          { type: 'network.created', stream, data: made },
        ],
        { actor: 'test', trace: 'test' },
      );
      const first = subnets[0]?.replace(/(\d+)\/\d+$/, (_, last) => String(Number(last) + 1));
      const gateway = `http://${first}:${server.port}`;
      expect(await reach().get(name, `${gateway}/management/api/overview`)).toMatch(/^403 .*FROM_CONTAINER/);
      expect(await reach().get(name, `${gateway}/metrics`)).toMatch(/^403 /);
      expect(await reach().get(name, `${gateway}/health`)).toMatch(/^200 /);
      expect(await reach().get(name, `${gateway}/demo/hello`)).toMatch(/^(?:200|405) /);
    } finally {
      await server.close();
    }
  });
}
