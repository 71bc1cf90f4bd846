import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';

const moments = [0, 2, 8, 20, 50];

describe('a server that is killed while it is initialised', () => {
  it.each(moments)('after %i ms starts again, and opens for whoever got the key or may make one', async (ms) => {
    const folder = mkdtempSync(join(tmpdir(), 'pt-'));
    const server = new ServerProcess(folder);
    const operator = new Operator(server);
    try {
      await server.start();
      // fetch may wait for ever for a server that was killed while it connected.
      const patience = AbortSignal.timeout(5_000);
      const init = operator.request('POST', '/management/api/init', undefined, patience).catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, ms));
      await server.kill();
      const told = await init;
      await server.start();
      const { body: health } = await operator.request('GET', '/health');
      if (told?.status === 200) {
        expect(health.phase).toBe('ready');
        operator.apiKey = told.body.apiKey;
      } else if (health.phase === 'uninitialized') {
        await operator.initialize();
      } else {
        // Initialised, and the key was lost on the way to its owner.
        await server.kill('SIGTERM');
        operator.apiKey = await rotate(folder);
        await server.start();
      }
      const { status, body } = await operator.request('GET', '/management/api/state');
      expect(status, JSON.stringify(body)).toBe(200);
      expect(Object.keys(body.state.domains)).toEqual(['localhost']);
      expect(Object.keys(body.state.repositories)).toEqual(['PloinkyDemo']);
      expect(readdirSync(join(folder, '.ploinky-cloud'))).not.toContain('init-token');
    } finally {
      await server.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

async function rotate(dir: string): Promise<string> {
  const program = join(packageRoot(), 'dist', 'cli', 'p-cli.js');
  const env = { PATH: process.env.PATH, HOME: dir };
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, [program, 'cloud', 'keys', 'rotate', '--dir', dir], { cwd: dir, env });
  const key = /sk_[A-Za-z0-9]+/.exec(stdout)?.[0];
  if (!key) throw new Error(stdout);
  return key;
}
