import { request } from 'node:http';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { defaultSettings } from '../../core/settings/settings.ts';
import { nodeImage } from '../engines/base-images.ts';
import { describeLive } from '../engines/live-engine.ts';
import { oneAtATime } from '../engines/one-at-a-time.ts';
import { runQuickstart } from './run-quickstart.ts';

const variable = { docker: 'DOCKER_HOST', podman: 'CONTAINER_HOST' } as const;

// Where there is no image, one of this machine is made.
oneAtATime('host-image');

for (const engine of ['docker', 'podman'] as const) {
  describeLive(engine, 'npm run quickstart', (socketPath) => {
    const [repo, tag] = defaultSettings.defaultImage.split(/:(?=[^:/]+$)/);
    const ask = (method: string, path: string) => askEngine(socketPath, method, path);

    const quickstart = (words: readonly string[]) => {
      const env = { DOCKER_HOST: 'unix:///nowhere.sock', [variable[engine]]: `unix://${socketPath}` };
      return runQuickstart(['--exit', '--port', '0', ...words], { env });
    };

    beforeAll(async () => {
      await ask('POST', `/images/${nodeImage}/tag?repo=${repo}&tag=${tag}`);
    });
    const forget = () => ask('DELETE', `/images/${defaultSettings.defaultImage}`);
    afterAll(async () => {
      await forget().catch(() => undefined);
    });

    it.each([
      ['chosen by name', ['--engine', engine]],
      ['because it is the best that answers', []],
    ])('runs the demo in a container, %s, and leaves none behind', async (_, words) => {
      const run = await quickstart(words);
      expect(run.stderr).not.toMatch(/✗|quickstart:/);
      expect(run.code).toBe(0);
      expect(run.stdout).toContain(`Engine: ${engine}.`);
      expect(run.stdout).toContain(`deploy demo on ${engine}`);
      expect(run.stdout.split('\n')).toContain('Hello, World!');
      expect(await containersOn(socketPath, run.folder)).toEqual([]);
      expect(run.leftFiles).toEqual([]);
      expect(run.leftProcesses).toEqual([]);
    });

    it('needs no image in the engine and no registry either', async () => {
      await forget();
      const run = await quickstart(['--engine', engine]);
      expect(run.stderr).not.toMatch(/✗|quickstart:/);
      expect(run.stdout.split('\n')).toContain('Hello, World!');
      expect(run.code).toBe(0);
    });
  });
}

/** Those that have something of the folder mounted: other tests use the same engine meanwhile. */
async function containersOn(socketPath: string, folder: string): Promise<string[]> {
  const docker = new Docker({ socketPath });
  const found = await docker.listContainers({ all: true });
  const inspected = await Promise.all(
    found.map(({ Id }) =>
      docker
        .getContainer(Id)
        .inspect()
        .catch((error: { statusCode?: number }) => {
          if (error.statusCode === 404) return null; // it went meanwhile
          throw error;
        }),
    ),
  );
  const mounted = inspected.filter((one) => one?.Mounts.some(({ Source }) => Source.startsWith(`${folder}/`)));
  return mounted.map((one) => one?.Name ?? '');
}

function askEngine(socketPath: string, method: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, method, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end();
  });
}
