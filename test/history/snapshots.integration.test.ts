import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpText } from '../../history/dump.ts';
import { Desk } from '../cli/desk.ts';
import { eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';

let dir: string;
let server: ServerProcess;
let operator: Operator;
/** What the server held, by seq, as it said itself at that time. */
const saved = new Map<number, string>();

const snapshots = () => join(dir, '.ploinky-cloud', 'snapshots');
const names = () => readdir(snapshots()).catch(() => []);
const offlineText = (stdout: string) => dumpText((JSON.parse(stdout) as { state: unknown }).state);

async function save(): Promise<void> {
  const { status, body } = await operator.request('GET', '/management/api/state');
  expect(status).toBe(200);
  saved.set(body.seq, dumpText(body.state));
}

async function expectAllFromServer(): Promise<void> {
  for (const [seq, text] of saved) {
    const { status, body } = await operator.request('GET', `/management/api/past/state?at=${seq}`);
    expect([seq, status, dumpText(body.state)]).toEqual([seq, 200, text]);
  }
}

async function logLines(): Promise<Record<string, unknown>[]> {
  const folder = join(dir, '.ploinky-cloud', 'logs');
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const lines = texts.join('').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Starts the server; answers the seq of the snapshot that it began with, 0 = none. */
async function startedFrom(): Promise<unknown> {
  const begun = new Date().toISOString();
  await server.start();
  return eventually('a word about the start', 20, async () => {
    const own = (await logLines()).filter(({ ts }) => String(ts) >= begun);
    return own.find(({ message }) => message === 'the log is folded')?.snapshot;
  });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ploinky-past-'));
  server = new ServerProcess(dir);
  operator = new Operator(server);
  await server.start();
  await operator.initialize();
  await operator.set({ engine: 'process', 'snapshots.every': 20 });
  for (let i = 0; i < 30; i += 1) {
    await operator.set({ lastLogsLines: 1 + i });
    if (i % 3 === 0) await operator.request('POST', '/management/api/domains', { name: `d${i}.example` });
    await save();
  }
});
afterAll(async () => {
  await server?.kill('SIGTERM');
  if (dir) await rm(dir, { recursive: true, force: true });
});

describe('the state of every moment', () => {
  it('is what was held live then, while the server runs', async () => {
    await eventually('a second snapshot', 20, async () => ((await names()).length >= 2 ? true : undefined));
    await expectAllFromServer();
  });

  it('is the same after kill -9 and a start that used the newest snapshot', async () => {
    await server.kill('SIGKILL');
    const newest = (await names())
      .filter((name) => name.endsWith('.snapshot'))
      .sort()
      .at(-1);
    expect(await startedFrom()).toBe(Number(newest?.split('.')[0]));
    await expectAllFromServer();
  });

  it('is the same offline, with snapshots and without', async () => {
    await server.kill('SIGKILL');
    await Desk.use(async (desk) => {
      for (const wipe of [false, true]) {
        if (wipe) await rm(snapshots(), { recursive: true });
        for (const [seq, text] of [...saved].filter((_, i) => i % 6 === 0)) {
          const { exit, stdout } = await desk.run(['cloud', 'state', '--at', String(seq), '--dir', dir, '--json']);
          expect([exit, offlineText(stdout)]).toEqual([0, text]);
        }
      }
    });
    // A reader leaves the folder alone.
    expect(await names()).toEqual([]);
  });

  it('is the same when the snapshots are damaged or of another history, and the log of the server says so', async () => {
    expect(await startedFrom()).toBe(0);
    await server.kill('SIGTERM');
    const made = await names();
    expect(made.length).toBeGreaterThan(0);
    for (const name of made) await writeFile(join(snapshots(), name), 'not a snapshot');
    await writeFile(join(snapshots(), '000000000999999.snapshot'), 'of a future that never came');
    expect(await startedFrom()).toBe(0);
    await expectAllFromServer();
    const said = (await logLines()).map(({ message }) => String(message));
    expect(said).toContain('a snapshot is not used: it is damaged');
    expect(said).toContain('a snapshot is not used: the log does not have the event it was made after');
    expect(await names()).not.toContain('000000000999999.snapshot');
  });

  it('is found by its time as well', async () => {
    const events = await operator.history('from=1');
    for (const event of events.filter((_, i) => i % 9 === 0)) {
      const { body } = await operator.request('GET', `/management/api/past/moment?at=${event.time}`);
      const next = events.find(({ time }) => Date.parse(time) > Date.parse(event.time));
      expect(body.seq).toBe(next ? next.seq - 1 : body.head);
    }
  });
});

it('folders in the place of snapshots harm nothing but the snapshots', async () => {
  await server.kill('SIGTERM');
  await rm(snapshots(), { recursive: true, force: true });
  await writeFile(snapshots(), 'a file where the folder should be');
  await server.start();
  for (let i = 0; i < 25; i += 1) await operator.set({ lastLogsLines: 100 + i });
  await save();
  await expectAllFromServer();
  await eventually('a word about it', 20, async () =>
    (await logLines()).some(({ message }) => /a snapshot of event \d+ was not written/.test(String(message)))
      ? true
      : undefined,
  );
});
