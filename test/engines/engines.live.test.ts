import { request } from 'node:http';
import { expect, test } from 'vitest';
import { nodeImage, shellImage } from './base-images.ts';
import { describeLive } from './live-engine.ts';

for (const engine of ['docker', 'podman'] as const) {
  describeLive(engine, 'The engine that tests start', (socketPath) => {
    test('holds both test images', async () => {
      for (const image of [nodeImage, shellImage]) {
        const found = await get(socketPath, `/images/${image}/json`);
        expect(found.RepoTags).toContain(image);
      }
    });
  });
}

function get(socketPath: string, path: string): Promise<{ RepoTags?: string[] }> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text)));
    })
      .on('error', reject)
      .end();
  });
}
