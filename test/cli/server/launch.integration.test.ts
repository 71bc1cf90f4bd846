import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launch } from '../../../cli/server/launch.ts';
import { processStart } from '../../../cli/server/process-identity.ts';
import { Desk } from '../desk.ts';

/** Stand-ins for p-cloud: a program of a few lines, started as the real one is. */
const stays = 'setInterval(() => {}, 1000);';
const listens = `${stays} process.send({ kind: 'listening', url: 'http://localhost:7', port: 7 });`;

async function launched(program: string, more: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  let pid: number | undefined;
  let outcome: unknown;
  let output = '';
  await Desk.use(async (desk) => {
    const outputFile = join(desk.folder, '.ploinky', 'out.log');
    outcome = await launch({
      program: await desk.write('program.mjs', program),
      args: ['--port', '7'],
      cwd: desk.folder,
      env: process.env,
      outputFile,
      timeoutMs: more.timeoutMs ?? 30_000,
      graceMs: 200,
      signal: more.signal ?? new AbortController().signal,
      started: async (started) => {
        pid = started;
      },
    }).catch((error: unknown) => error);
    output = await readFile(outputFile, 'utf8');
  });
  return { pid: pid as unknown as number, outcome, output };
}

describe('starting a server', () => {
  it('resolves when it listens, and leaves it running in a session of its own', async () => {
    const { pid, outcome } = await launched(listens);
    try {
      expect(outcome).toEqual({ pid, port: 7, url: 'http://localhost:7' });
      expect(await processStart(pid)).toBeDefined();
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  it('gives the last lines of one that ended at once', async () => {
    const { outcome } = await launched(
      `console.error('first'); console.error('the disk is on fire'); process.exitCode = 3;`,
    );
    expect(outcome).toMatchObject({ code: 'SERVER_START_FAILED' });
    expect(String(outcome)).toContain('ended with exit code 3 before it listened.\n    first\n    the disk is on fire');
  });

  it('gives the reason that it told, and leaves no process', async () => {
    const problem = { code: 'PORT_IN_USE', message: 'Another program listens on port 7.', hint: 'Choose.' };
    const { pid, outcome } = await launched(
      `${stays} process.send({ kind: 'failed', problem: ${JSON.stringify(problem)} });`,
    );
    expect(outcome).toMatchObject({ ...problem, exitCode: 2 });
    expect(await processStart(pid)).toBeUndefined();
  });

  it('gives the last lines of one that met a defect, which tell more than its message', async () => {
    const problem = { code: 'INTERNAL', message: 'Something unexpected happened.', hint: null };
    const program = `console.error('TypeError: x'); process.exitCode = 1;
      process.send({ kind: 'failed', problem: ${JSON.stringify(problem)} }, () => process.disconnect());`;
    const { outcome } = await launched(program);
    expect(outcome).toMatchObject({ code: 'SERVER_START_FAILED' });
    expect(String(outcome)).toContain('TypeError: x');
  });

  it('ends one that never listens, also where it does not heed SIGTERM', async () => {
    const { pid, outcome } = await launched(`${stays} process.on('SIGTERM', () => {});`, { timeoutMs: 1_000 });
    expect(String(outcome)).toContain('did not listen within 1 s');
    expect(await processStart(pid)).toBeUndefined();
  });

  it('ends it with Ctrl-C', async () => {
    const { pid } = await launched(stays, { signal: AbortSignal.timeout(300) });
    expect(await processStart(pid)).toBeUndefined();
  });

  it('does not take what somebody else sends for a message of the server', async () => {
    const { outcome } = await launched(`process.send({ kind: 'listening' }); process.send('x'); process.exitCode = 1;`);
    expect(outcome).toMatchObject({ code: 'SERVER_START_FAILED' });
  });
});

describe('who a process is', () => {
  it('is the same as long as it lives', async () => {
    const first = await processStart(process.pid);
    expect(first).toBeDefined();
    expect(await processStart(process.pid)).toBe(first);
    expect(await processStart(process.ppid)).not.toBe(first);
  });

  it('is nobody where there is no such process', async () => {
    expect(await processStart(2 ** 22 + 12_345)).toBeUndefined();
  });
});
