import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestGround, TestRepository } from '../adapters/git/test-repository.ts';
import { Desk } from '../cli/desk.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';
import { files } from './agents.ts';
import { processes } from './traces.ts';

const key = randomBytes(32).toString('base64');
let sources: TestGround;
let ground: Ground;

beforeAll(async () => {
  sources = await TestGround.make();
  const remote = await TestRepository.make(sources);
  await remote.commit(files, 'Agents with secrets');
  ground = await Ground.make({ env: { PLOINKY_SECRET_KEY: key } });
  await ground.addRepository('own', remote.bare);
});
afterAll(async () => {
  await ground?.clear();
  await sources?.clear();
});

const set = () => ground.operator.request('POST', '/management/api/secrets', { name: 'token', value: 'some value' });

it('a key of the environment is written nowhere, and given to no program', async () => {
  expect((await set()).body).toMatchObject({ success: true, version: 1 });
  await ground.deployed('/vault', 'vault', { repository: 'own' });
  expect(existsSync(join(ground.data, 'secrets.key'))).toBe(false);
  expect(ground.everyWord()).not.toContain(key);
  const holders = processes().filter(({ environment }) => environment.includes(key));
  expect(holders.map(({ pid }) => pid)).toEqual([ground.server.pid]);
});

it('without the key a server serves what runs, and starts and stores nothing that needs it', async () => {
  await ground.server.kill('SIGTERM');
  const keyless = new ServerProcess(ground.server.dir);
  await keyless.start();
  try {
    const request = async (method: string, path: string, body?: unknown) => {
      const response = await fetch(keyless.url + path, {
        method,
        headers: { 'x-api-key': ground.operator.apiKey, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    };
    expect(await request('POST', '/vault/hello', { params: [] })).toMatchObject({
      status: 200,
      body: { data: 'hello' },
    });
    const place = { domain: 'localhost', path: '/vault', agent: 'vault', repository: 'own' };
    const refused = await request('POST', '/management/api/deployments', place);
    expectProblem(refused, 'SECRET_KEY_MISSING');
    expectProblem(
      await request('POST', '/management/api/secrets', { name: 'token', value: 'another' }),
      'SECRET_KEY_MISSING',
    );
    expect(existsSync(join(ground.data, 'secrets.key'))).toBe(false);
    expect(await request('POST', '/vault/hello', { params: [] })).toMatchObject({ status: 200 });
  } finally {
    await keyless.kill('SIGTERM');
    await ground.server.start();
  }
});

it('a value that was taken away is missed by name and version', async () => {
  renameSync(join(ground.data, 'secrets', 'token.1'), join(ground.folder, 'elsewhere'));
  const answer = await ground.deploy('/vault', 'vault', { repository: 'own' });
  expectProblem(answer, 'SECRET_MISSING');
  expect(answer.body.message).toContain('token version 1');
  renameSync(join(ground.folder, 'elsewhere'), join(ground.data, 'secrets', 'token.1'));
  await ground.deployed('/vault', 'vault', { repository: 'own' });
});

it('names and versions can be read without a server, and nothing can be written', () =>
  Desk.use(async (desk) => {
    await ground.server.kill('SIGTERM');
    try {
      const { exit, stdout } = await desk.run(['cloud', 'secret', 'list', '--dir', ground.server.dir, '--json']);
      expect(exit).toBe(0);
      expect(JSON.parse(stdout).secrets).toMatchObject([
        {
          name: 'token',
          version: 1,
          setBy: expect.stringMatching(/^admin:/),
          uses: [{ deployment: 'localhost/vault' }],
        },
      ]);
      const before = await desk.run(['cloud', 'secret', 'list', '--dir', ground.server.dir, '--at', '3']);
      expect(before.stdout).toContain('No secrets.');
      const words = ['cloud', 'secret', 'rm', 'token', '-y', '--dir', ground.server.dir];
      expect((await desk.run(words)).stderr).toContain("unknown option '--dir'");
    } finally {
      await ground.server.start();
    }
  }));
