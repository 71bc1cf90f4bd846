import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { git } from '../agent-repository.ts';
import { Ground } from '../trouble/ground.ts';

const handlers = `
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const file = process.env.KEPT + '/note';
module.exports = {
  write: (text) => (writeFileSync(file, text), text),
  read: () => (existsSync(file) ? readFileSync(file, 'utf8') : null),
};
`;
const files: Readonly<Record<string, string>> = {
  'keeper/manifest.json': JSON.stringify({ volumes: { kept: '/kept' }, environment: { KEPT: '/kept' } }),
  'keeper/index.js': handlers,
  'plain/manifest.json': '{}',
  'plain/index.js': 'module.exports = { hello: () => "hello" };',
};

let ground: Ground;
beforeAll(async () => {
  ground = await Ground.make();
  const folder = join(ground.folder, 'repository');
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Keep');
  await ground.addRepository('keepers', folder);
});
afterAll(() => ground?.clear());

const list = async () => (await ground.operator.request('GET', '/management/api/volumes')).body.volumes;
const remove = (volume: string) =>
  ground.operator.request('DELETE', '/management/api/volumes', { domain: 'localhost', path: '/keep', volume });
const read = async () => (await ground.call('/keep', 'read')).body.data;

it('a volume outlives releases, a killed server and undeploy, and goes when it is named', async () => {
  await ground.deployed('/keep', 'keeper');
  await ground.call('/keep', 'write', ['of release 1']);
  const [only, ...others] = await list();
  expect(others).toEqual([]);
  expect(only).toMatchObject({ deployment: 'localhost/keep', volume: 'kept', engine: 'process', status: 'created' });
  expect(only).toMatchObject({ sizeBytes: 12, usedBy: [expect.stringContaining('localhost-keep-1')], orphaned: false });
  expect(await remove('kept')).toMatchObject({ status: 409, body: { error: { code: 'VOLUME_IN_USE' } } });

  await ground.deployed('/keep', 'keeper');
  expect(await read()).toBe('of release 1');
  await ground.server.kill();
  await ground.server.start();
  expect(await read()).toBe('of release 1');

  const place = { domain: 'localhost', path: '/keep' };
  const gone = await ground.operator.request('DELETE', '/management/api/deployments', place);
  expect(gone.body).toEqual({ success: true, volumes: ['kept'] });
  expect(await list()).toMatchObject([{ volume: 'kept', usedBy: [], orphaned: true, sizeBytes: 12 }]);
  await ground.deployed('/keep', 'keeper');
  expect(await read()).toBe('of release 1');

  // A release that does not name it is no reason to remove it.
  await ground.deployed('/keep', 'plain');
  await ground.headAtRest();
  expect(await list()).toMatchObject([{ volume: 'kept', orphaned: true }]);
  expect((await remove('kept')).body).toMatchObject({ success: true, deployment: 'localhost/keep', volume: 'kept' });
  expect(await list()).toEqual([]);
  expect(readdirSync(join(ground.data, 'volumes'))).toEqual([]);
  expect(await remove('kept')).toMatchObject({ status: 404, body: { error: { code: 'VOLUME_NOT_FOUND' } } });

  await ground.deployed('/keep', 'keeper');
  expect(await read()).toBeNull();
  const types = (await ground.operator.history('type=volume.*&limit=100')).map(({ type }) => type);
  const made = ['volume.createRequested', 'volume.created'];
  expect(types).toEqual([...made, 'volume.removeRequested', 'volume.removed', ...made]);
  expect(existsSync(join(ground.data, 'volumes', (await list())[0].name))).toBe(true);
});

it('a volume that was removed by hand is told as lost', async () => {
  await ground.deployed('/keep', 'keeper');
  await ground.undeploy('/keep');
  rmSync(join(ground.data, 'volumes', (await list())[0].name), { recursive: true });
  await ground.deployed('/keep', 'keeper');
  expect(await read()).toBeNull();
  const types = (await ground.operator.history('type=volume.*&limit=100')).map(({ type }) => type);
  expect(types.slice(-3)).toEqual(['volume.lost', 'volume.createRequested', 'volume.created']);
});

it('its name in the engine is enough to ask why', async () => {
  const { name } = (await list())[0];
  const { status, body } = await ground.operator.request('GET', `/management/api/past/why?of=${name}`);
  expect(status, JSON.stringify(body)).toBe(200);
  expect(JSON.stringify(body)).toContain('volume.created');
});
