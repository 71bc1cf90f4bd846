import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Listens on any free port of loopback, says which one, and ends with the bench. */
export async function serveForBench(app: FastifyInstance): Promise<void> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  process.once('disconnect', () => process.exit());
  process.send?.({ port });
}
