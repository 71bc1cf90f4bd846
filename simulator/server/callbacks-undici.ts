/** In place of the package `undici`: callbacks go to whoever the world has. */
import { surroundings } from '../ground/current.ts';

export class Agent {
  async destroy(): Promise<void> {}
  async close(): Promise<void> {}
}

export class Pool extends Agent {}

export async function request(url: string, { body = '', signal }: { body?: string; signal?: AbortSignal } = {}) {
  const { ground } = surroundings();
  const statusCode = await new Promise<number>((resolve, reject) => {
    const { life } = ground;
    signal?.addEventListener('abort', () => {
      if (ground.life === life && !ground.down) reject(signal.reason);
    });
    ground
      .ask(ground.random.between(1, 200), () => surroundings().post(url, body))
      .then(async (status) => resolve(await status), reject)
      .catch(reject);
  });
  return { statusCode, body: { dump: async () => {} } };
}
