import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { PruneReport } from '../../adapters/prune/prune.ts';
import type { DataOf } from '../../core/events/catalogue.ts';
import { Ground } from '../trouble/ground.ts';
import { commit, scripted } from './agents.ts';

let ground: Ground;
let repository: string;

beforeAll(async () => {
  ground = await Ground.make({ settings: { 'retention.releases': 2, 'retention.prune': 'never' } });
  repository = join(ground.folder, 'r');
  commit(repository, { 'README.md': 'agents' });
  await ground.addRepository('own', repository);
});
afterAll(() => ground?.clear());

async function asked(method: 'GET' | 'POST'): Promise<PruneReport> {
  const route = method === 'GET' ? '/management/api/prune' : '/management/api/prune/run';
  const { status, body } = await ground.operator.request(method, route);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const kinds = ({ items }: PruneReport) => items.map(({ kind }) => kind).sort();
const results = () => readdirSync(join(ground.data, 'install-cache'));
const logs = () => readdirSync(join(ground.data, 'logs')).filter((name) => name.startsWith('install-'));
const mirrors = () => readdirSync(join(ground.data, 'repos')).filter((name) => name.endsWith('.git'));
const rollback = (to: string) =>
  ground.operator.request('POST', '/management/api/deployments/rollback', { domain: 'localhost', path: '/site', to });

it('tells what would go, removes exactly that, and tells it in the log before and after', async () => {
  for (const text of ['one', 'two', 'three', 'four']) {
    commit(repository, scripted('site', `echo ${text} > made.txt`));
    await ground.deployed('/site', 'site');
  }
  await ground.headAtRest();
  mkdirSync(join(ground.data, 'agents/localhost-nobody/7/code'), { recursive: true });
  mkdirSync(join(ground.data, 'agents/static/2024'), { recursive: true });
  writeFileSync(join(ground.data, 'agents/localhost-nobody/7/code/left.txt'), 'x'.repeat(1000));
  const before = await asked('GET');
  expect(before.dryRun).toBe(true);
  expect(kinds(before)).toEqual(['checkout', 'installLog', 'installLog', 'installResult', 'installResult', 'pins']);
  expect(results()).toHaveLength(4);

  const report = await asked('POST');
  expect(report.items).toEqual(before.items);
  expect([report.left, results().length, logs().length]).toEqual([[], 2, 2]);
  expect(existsSync(join(ground.data, 'agents/localhost-nobody'))).toBe(false);
  expect(existsSync(join(ground.data, 'agents/static/2024'))).toBe(true);
  const events = await ground.operator.history('type=prune.*');
  expect(events.map(({ type }) => type)).toEqual(['prune.requested', 'prune.completed']);
  expect((events[0]?.data as DataOf<'prune.requested'> | undefined)?.items).toEqual(before.items);
  expect(events[1]?.data).toEqual({ removed: 6, bytes: report.bytes, left: [] });
  expect(events[1]?.cause).toBe(events[0]?.id);
  expect((await asked('POST')).items).toEqual([]);
});

it('leaves everything that a rollback needs; one that goes further back still works, from the remote', async () => {
  expect((await rollback('#3')).status).toBe(200);
  const events = await ground.events('/site');
  const installed = events.filter(({ type }) => type === 'release.installed');
  expect((installed.at(-1)?.data as DataOf<'release.installed'> | undefined)?.cache?.hit).toBe(true);
  // Its pin is gone, and so is what its install step made; its commit comes from the remote, and the step runs.
  expect((await rollback('#1')).status).toBe(200);
  expect((await ground.operator.request('GET', '/site/made.txt')).body).toBe('one\n');
});

it('takes up a run that was cut off, and a release that is made meanwhile loses nothing', async () => {
  commit(repository, scripted('site', 'echo five > made.txt'));
  await ground.deployed('/site', 'site');
  await ground.headAtRest();
  const running = asked('POST').catch(() => undefined);
  await ground.server.kill();
  await running;
  await ground.server.start();
  const [report] = await Promise.all([asked('POST'), ground.deployed('/site', 'site', { noCache: true })]);
  expect(report.left.every(({ reason }) => reason === 'a release is being made')).toBe(true);
  await ground.headAtRest();
  await asked('POST');
  const { prunes } = await ground.state();
  expect(prunes.prune.open).toBeNull();
  expect((await ground.operator.request('GET', '/site/made.txt')).body).toBe('five\n');
  expect(kinds(await asked('GET'))).toEqual([]);
});

it('removes the mirror of a repository that is gone, and not one that a release needs', async () => {
  for (const name of ['needed', 'needless']) {
    commit(join(ground.folder, name), scripted(name, 'echo shop > made.txt'));
    await ground.addRepository(name, join(ground.folder, name));
  }
  await ground.deployed('/shop', 'needed', { repository: 'needed' });
  await ground.undeploy('/shop');
  const count = mirrors().length;
  expect(kinds(await asked('GET'))).not.toContain('mirror');
  for (const name of ['needed', 'needless']) {
    const { status } = await ground.operator.request('DELETE', '/management/api/repositories', { name });
    expect(status).toBe(200);
  }
  const { items } = await asked('POST');
  expect(items.filter(({ kind }) => kind === 'mirror')).toEqual([
    expect.objectContaining({ reason: expect.stringContaining(join(ground.folder, 'needless')) }),
  ]);
  // The undeploy could be undone.
  expect(mirrors()).toHaveLength(count - 1);
});
