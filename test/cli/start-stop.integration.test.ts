import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processStart } from '../../cli/server/process-identity.ts';
import { Desk } from './desk.ts';
import { healthy } from './scripted-server.ts';

/** A process of our own that stands for a server. */
async function withProcess(script: string, work: (pid: number) => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdout.write('up')`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  try {
    await once(child.stdout, 'data');
    await work(child.pid as number);
  } finally {
    child.kill('SIGKILL');
  }
}

describe('start', () => {
  it('says that a server runs already', () =>
    Desk.useWith(healthy, async (desk, server) => {
      const serverStart = await processStart(process.pid);
      const file = {
        serverUrl: server.url,
        serverPid: process.pid,
        serverStart,
        serverPort: server.port,
        serverDir: desk.folder,
      };
      await desk.write('.ploinky/cloud.json', file);
      const { exit, stdout } = await desk.run(['cloud', 'start']);
      expect([exit, stdout]).toEqual([0, `✓ A server runs already at ${server.url} (process ${process.pid})\n`]);
      const other = await desk.run(['cloud', 'start', '--dir', 'elsewhere']);
      expect(other.exit).toBe(1);
      expect(other.stderr).toContain('p-cli cloud stop');
    }));

  it('does not take the cloud of another folder for its own', () =>
    Desk.useWith(healthy, async (desk, server) => {
      const { exit, stderr } = await desk.run(['cloud', 'start', '--port', String(server.port)]);
      expect(exit).toBe(2);
      expect(stderr).toContain('Another cloud');
      expect(stderr).toContain(`p-cli cloud connect http://localhost:${server.port}`);
    }));

  it('says that one started elsewhere answers already', () =>
    Desk.useWith(healthy, async (desk, server) => {
      await desk.write('.ploinky-cloud/holder.json', { pid: process.pid });
      const { exit, stdout } = await desk.run(['cloud', 'start', '--port', String(server.port)]);
      expect(exit).toBe(0);
      expect(stdout).toContain(`started elsewhere answers at http://localhost:${server.port} already`);
    }));

  it('comes back at the port that it was started with, whether the one before was stopped or killed', () =>
    Desk.useWith(healthy, async (desk, server) => {
      await desk.write('.ploinky-cloud/holder.json', { pid: process.pid });
      const gone = { serverPid: 2 ** 22 + 7, serverStart: 'x', serverDir: desk.folder, askedPort: server.port };
      await desk.write('.ploinky/cloud.json', gone);
      expect((await desk.run(['cloud', 'start'])).stdout).toContain(`http://localhost:${server.port} already`);
      await desk.write('.ploinky/cloud.json', { serverDir: desk.folder, askedPort: server.port });
      expect((await desk.run(['cloud', 'start'])).stdout).toContain(`http://localhost:${server.port} already`);
    }));

  it.each([['x'], ['65536'], ['-1']])('refuses the port %s', (port) =>
    Desk.use(async (desk) => {
      expect((await desk.run(['cloud', 'start', `--port=${port}`])).exit).toBe(1);
      expect((await desk.run(['cloud', 'start'], { env: { PORT: port } })).stderr).toContain('PORT is');
    }),
  );
});

describe('stop', () => {
  it('ends the server with SIGTERM and waits for its end', () =>
    withProcess(
      `process.on('SIGTERM', () => setTimeout(() => process.exit(0), 100)); setInterval(() => {}, 1e3)`,
      (pid) =>
        Desk.use(async (desk) => {
          await desk.write('.ploinky/cloud.json', {
            serverUrl: 'http://127.0.0.1:1',
            serverPid: pid,
            askedPort: 9000,
            serverStart: await processStart(pid),
          });
          await desk.write('.ploinky-cloud/agents/localhost-demo/1/file', '');
          const { exit, stdout, stderr } = await desk.run(['cloud', 'stop']);
          expect([exit, stdout]).toEqual([0, `✓ Server stopped (process ${pid})\n`]);
          expect(stderr).toContain('Agents keep running');
          // Nobody can be asked at this desk.
          expect(stderr).toContain('`p-cli cloud destroy all --yes`');
          expect(await processStart(pid)).toBeUndefined();
          expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: 'http://127.0.0.1:1', askedPort: 9000 });
        }),
    ));

  it('ends one that was not started from here where it provably has the log of the folder open', () =>
    Desk.use(async (desk) => {
      const lock = await desk.write('cloud/.ploinky-cloud/log/LOCK', '');
      const ends = `process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1e3)`;
      await withProcess(`require('fs').openSync(${JSON.stringify(lock)}); ${ends}`, async (pid) => {
        await desk.write('cloud/.ploinky-cloud/holder.json', { pid, holder: 'ploinky server in /x', since: 's' });
        const { exit, stdout, stderr } = await desk.run(['cloud', 'stop', '--dir', 'cloud']);
        expect([exit, stdout]).toEqual([0, `✓ Server stopped (process ${pid})\n`]);
        expect(stderr).not.toContain('Agents keep running');
        expect(await processStart(pid)).toBeUndefined();
      });
    }));

  it('says what to type where a process noted itself as the server and has the log not open', () =>
    withProcess('setInterval(() => {}, 1e3)', (pid) =>
      Desk.use(async (desk) => {
        await desk.write('.ploinky-cloud/holder.json', { pid, holder: 'ploinky server in /x', since: 's' });
        const { exit, stderr } = await desk.run(['cloud', 'stop']);
        expect(exit).toBe(1);
        expect(stderr).toContain(`Process ${pid} (ploinky server in /x) noted itself as the server of ${desk.folder}`);
        expect(stderr).toContain(`end it with: kill ${pid}`);
        expect(await processStart(pid)).toBeDefined();
      }),
    ));

  it('leaves a process alone that only has the number of the server', () =>
    withProcess('setInterval(() => {}, 1e3)', (pid) =>
      Desk.use(async (desk) => {
        for (const serverStart of ['another:1', undefined]) {
          await desk.write('.ploinky/cloud.json', { serverUrl: 'http://127.0.0.1:1', serverPid: pid, serverStart });
          const { exit, stderr } = await desk.run(['cloud', 'stop']);
          expect(exit).toBe(1);
          expect(stderr).toContain('it was left alone');
        }
        expect(await processStart(pid)).toBeDefined();
      }),
    ));

  it('says when a server takes too long', () =>
    withProcess(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3)`, (pid) =>
      Desk.use(async (desk) => {
        await desk.write('.ploinky/cloud.json', { serverPid: pid, serverStart: await processStart(pid) });
        const { exit, stderr } = await desk.run(['cloud', 'stop', '--timeout', '0.2']);
        expect(exit).toBe(2);
        expect(stderr).toContain(`Process ${pid} still runs`);
      }),
    ));

  it('has nothing to do where no server was started, and forgets one that is gone', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', {
        serverUrl: 'http://127.0.0.1:1',
        serverPid: 2 ** 22 + 7,
        serverStart: 'x',
      });
      const { exit, stdout } = await desk.run(['cloud', 'stop']);
      expect(exit).toBe(0);
      expect(stdout).toBe(`No server runs that was started from here or serves ${desk.folder}\n`);
      expect(await desk.json('.ploinky/cloud.json')).toEqual({ serverUrl: 'http://127.0.0.1:1' });
    }));

  it('leaves a server that was started elsewhere to whoever started it', () =>
    Desk.useWith(healthy, async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'stop']);
      expect(exit).toBe(1);
      expect(stderr).toContain('was not started from this folder');
    }));
});
