import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeCounterRepository } from '../crash/counter-agent.ts';
import { type Answer, eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { Ballast } from './ballast.ts';

export interface FullServerFigures {
  /** Status and code of the answer to each, while the disk was full. */
  readonly whileFull: Record<string, string>;
  /** Status of the answer to each afterwards, without a restart. */
  readonly afterwards: Record<string, string>;
}

/**
 * A server whose disk has no space left: what it answers, and what it answers when there is space again. Runs on the
 * small disk itself: see small-disk.ts. Argument: the folder of the disk.
 */
async function fullDiskServer(disk: string): Promise<FullServerFigures> {
  const server = new ServerProcess(join(disk, 'cloud'));
  const operator = new Operator(server);
  const ballast = new Ballast(disk);
  const home = join(disk, 'home');
  mkdirSync(home);
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ engine: 'process', 'git.allowLocal': true, stopGraceMs: 500 });
    const url = makeCounterRepository(join(disk, 'repository'));
    const body = { domain: 'localhost', path: '/counter', agent: 'counter', repository: 'own' };
    assert.equal((await operator.request('POST', '/management/api/repositories', { name: 'own', url })).status, 200);
    assert.equal((await operator.request('POST', '/management/api/deployments', body)).status, 200);
    const before = await operator.history('');

    ballast.fill(0);
    const requests: Record<string, () => Promise<Answer>> = {
      setting: () =>
        operator.request('POST', '/management/api/settings', {
          stopGraceMs: Math.floor(1_000 + Math.random() * 10_000),
        }),
      call: () => operator.request('POST', '/counter/count', { params: [String(Math.random()), 0] }),
      'large call': () =>
        operator.request('POST', '/counter/count', { params: [String(Math.random()), 0, 'x'.repeat(20_000)] }),
      state: () => operator.request('GET', '/management/api/state'),
      history: () => operator.request('GET', '/management/api/history'),
      deployments: () => operator.request('GET', '/management/api/deployments'),
      health: () => operator.request('GET', '/health'),
    };
    // What is left of a page that was given to a file takes a few small events more.
    await eventually('a refusal for want of space', 30, async () =>
      (await (requests.setting as () => Promise<Answer>)()).status === 507 ? true : undefined,
    );
    const whileFull = await outcomes(requests);
    const during = await operator.history('');
    assert.deepEqual(during.slice(0, before.length), before, 'what was there can be read');

    ballast.empty();
    const afterwards = await outcomes(requests);
    const { status, body: settings } = await operator.request('POST', '/management/api/settings', { stopGraceMs: 777 });
    assert.equal(status, 200, JSON.stringify(settings));
    await server.kill();
    await server.start();
    const { state } = (await operator.request('GET', '/management/api/state')).body;
    assert.equal(state.cloud.cloud.settings.stopGraceMs, 777, 'what was acknowledged afterwards is there');
    return { whileFull, afterwards };
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${server.output}`, { cause: error });
  } finally {
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await server.kill('SIGTERM');
  }
}

async function outcomes(requests: Record<string, () => Promise<Answer>>): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, ask] of Object.entries(requests)) {
    const { status, body } = await ask();
    found[name] = status === 200 ? '200' : `${status} ${body.error?.code ?? JSON.stringify(body)}`;
  }
  return found;
}

const [disk = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await fullDiskServer(disk))}\n`);
