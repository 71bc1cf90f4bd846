import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../bin/p-cloud', import.meta.url));

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ploinky-p-cloud-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { cwd: folder }, (error, stdout, stderr) => {
      resolve({ exit: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
  });
}

describe('p-cloud', () => {
  it('prints help and version', async () => {
    expect(await run('--help')).toMatchObject({ exit: 0, stdout: expect.stringContaining('Usage: p-cloud') });
    expect(await run('-v')).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  });

  it('exits 1 for an option that it does not know', async () => {
    const { exit, stdout, stderr } = await run('--prot', '1');
    expect([exit, stdout]).toEqual([1, '']);
    expect(stderr).toContain("Unknown option '--prot'");
  });

  it('serves until SIGTERM, then exits 0', async () => {
    const child = spawn(process.execPath, [program, '--port', '0', '--dir', folder], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = await once(child.stdout, 'data');
      const url = /listens at (http:\S+)/.exec(String(line))?.[1];
      const health = await fetch(`${url}/health`);
      expect(await health.json()).toMatchObject({ status: 'ok', phase: 'uninitialized' });
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('exits 2 where another program has the port', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      const address = other.address();
      const port = address !== null && typeof address !== 'string' ? address.port : 0;
      const { exit, stderr } = await run('--port', String(port));
      expect(exit).toBe(2);
      expect(stderr).toContain(String(port));
      expect(stderr).toContain('Choose another one with --port.');
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });
});
