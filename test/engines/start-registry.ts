import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { answers, startDaemon } from './daemon.ts';
import { findProgram, makeEngineHome } from './engine-home.ts';

export type RegistryStart = { readonly address: string; stop(): Promise<void> } | { readonly unavailable: string };

/** A real, empty image registry on a loopback port, plain HTTP. */
export async function startRegistry(port?: number): Promise<RegistryStart> {
  const program = findProgram('docker-registry');
  if (program === null) return { unavailable: 'not installed: docker-registry (see .ci/install-engines.sh)' };
  const home = makeEngineHome('registry');
  const chosen = port ?? (await freePort());
  const storage = path.join(home, 'storage');
  mkdirSync(storage);
  const configFile = path.join(home, 'config.yml');
  // JSON is YAML, so nothing has to be quoted by hand.
  writeFileSync(
    configFile,
    JSON.stringify({
      version: 0.1,
      log: { level: 'warn' },
      storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${chosen}` },
    }),
  );
  try {
    const ready = () => answers({ port: chosen }, '/v2/');
    const stop = await startDaemon({ home, program, args: ['serve', configFile] }, ready, 30_000);
    return { address: `127.0.0.1:${chosen}`, stop };
  } catch (error) {
    return { unavailable: `docker-registry does not start: ${(error as Error).message}` };
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
