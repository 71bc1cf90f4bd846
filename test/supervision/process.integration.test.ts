import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deploymentKey } from '../../core/names/names.ts';
import { eventually } from '../crash/operator.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';
import { makeSupervised } from './agents.ts';
import { loggedIn } from './logged-in.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make({ settings: { agentStartTimeoutMs: 10_000 } });
  await ground.addRepository('own', makeSupervised(join(ground.folder, 'r')));
});
afterAll(() => ground?.clear());
afterEach(() => ground.answers());

/** A file in the checkout of a release. */
const fileOf = (path: string, file: string, release = 1) =>
  join(ground.data, 'agents', deploymentKey(`localhost${path}`), String(release), 'code', file);

async function typesOf(path: string): Promise<string[]> {
  return (await ground.events(path)).map(({ type }) => type).filter((type) => type.startsWith('container.'));
}

/** What the deployments list says of it. */
async function conditionOf(path: string) {
  const { body } = await ground.operator.request('GET', '/management/api/deployments');
  // biome-ignore lint/suspicious/noExplicitAny: an answer of HTTP
  return body.deployments.find((one: any) => one.path === path)?.condition;
}

describe('a container that was well and is not any more', () => {
  it('since its program is deaf, is ended and started again', async () => {
    await ground.deployed('/deaf', 'watched');
    void ground.call('/deaf', 'neverYields').catch(() => {});
    const { data } = await ground.happened('/deaf', 'container.unhealthy');
    expect(data).toMatchObject({
      problem: { code: 'HEALTH_CHECK_FAILED', message: 'AgentCore did not answer within 400 ms, 2 times in a row.' },
    });
    await ground.happened('/deaf', 'container.restarted');
    await ground.comesBack('/deaf');
    expect((await typesOf('/deaf')).slice(0, 9)).toEqual([
      'container.startRequested',
      'container.started',
      'container.healthy',
      'container.unhealthy',
      'container.restartRequested',
      'container.exited',
      'container.startRequested',
      'container.restarted',
      'container.healthy',
    ]);
    const { data: exit } = await ground.happened('/deaf', 'container.exited');
    expect(exit).toMatchObject({ reason: 'unhealthy', output: expect.stringContaining('up and about') });
    await ground.undeploy('/deaf');
  });

  it('is ended and started again once, also when the server is killed in between', async () => {
    await ground.operator.set({ stopGraceMs: 1_500 });
    await ground.deployed('/crash', 'watched');
    void ground.call('/crash', 'neverYields').catch(() => {});
    await ground.happened('/crash', 'container.restartRequested');
    // It does not hear SIGTERM, so that its end has not come yet.
    await ground.server.kill();
    await ground.server.start();
    await ground.happened('/crash', 'container.restarted');
    await ground.comesBack('/crash');
    const types = await typesOf('/crash');
    for (const type of ['container.restartRequested', 'container.exited', 'container.restarted']) {
      expect(
        types.filter((one) => one === type),
        types.join(),
      ).toHaveLength(1);
    }
    await ground.operator.set({ stopGraceMs: 300 });
    await ground.undeploy('/crash');
    await ground.nothingHalfMade('/crash');
  });

  it('since its command fails, is ended, with the words of the command', async () => {
    await ground.deployed('/checked', 'checked');
    writeFileSync(fileOf('/checked', 'broken'), '');
    const { data } = await ground.happened('/checked', 'container.unhealthy');
    expect(data).toMatchObject({
      problem: { message: expect.stringMatching(/exit code 1.*looking.*2 times in a row/) },
    });
    rmSync(fileOf('/checked', 'broken'));
    await ground.comesBack('/checked');
    await ground.undeploy('/checked');
  });

  it('since its service answers with another status, is ended, with what was asked and answered', async () => {
    await ground.deployed('/service', 'service');
    writeFileSync(fileOf('/service', 'status'), '503');
    const { data } = await ground.happened('/service', 'container.unhealthy');
    expect(data).toMatchObject({
      problem: { message: 'GET /ready was answered with status 503, not with 200 to 399, 2 times in a row.' },
    });
    rmSync(fileOf('/service', 'status'));
    await ground.happened('/service', 'container.restarted');
    await eventually('the service', 20, async () => {
      const { status } = await ground.operator.request('GET', '/service/x');
      return status === 200 ? true : undefined;
    });
    await ground.undeploy('/service');
  });

  it('since its port takes no connections any more, is ended', async () => {
    await ground.deployed('/tcp', 'tcp');
    // It listens no more and lives on.
    expect((await ground.operator.request('GET', '/tcp/close')).status).toBe(200);
    const { data } = await ground.happened('/tcp', 'container.unhealthy');
    expect(data).toMatchObject({ problem: { message: expect.stringMatching(/^Port 3000 takes no connection/) } });
    await ground.happened('/tcp', 'container.restarted');
    await ground.undeploy('/tcp');
  });

  it('checks that succeed write nothing', async () => {
    await ground.deployed('/quiet', 'watched');
    const before = await typesOf('/quiet');
    // Something that takes longer than many intervals, and is worth doing by itself.
    for (let i = 0; i < 2; i += 1) await ground.deployed('/other', 'watched');
    expect(await typesOf('/quiet')).toEqual(before);
    await ground.undeploy('/other');
    await ground.undeploy('/quiet');
  });
});

describe('a release that is never well', () => {
  it.each([
    [
      'neverReady',
      'The web service was not well within 4000 ms. GET /ready was answered with status 200, not with 204.',
      'warming up',
    ],
    ['neverWell', 'The agent was not well within 1000 ms.', 'ended with exit code 3'],
  ])('(%s) fails with what its check found and its last lines; the one before serves on', async (name, words, more) => {
    const path = `/${name.toLowerCase()}`;
    await ground.deployed(path, 'plain');
    const answer = await ground.deploy(path, name);
    expectProblem(answer, 'NOT_HEALTHY');
    expect(answer.body.message).toContain(words);
    expect(answer.body.message).toContain(more);
    expect((await ground.call(path, 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.nothingHalfMade(path);
    await ground.undeploy(path);
  });
});

it('a web service that never listens is told with its last lines, once, and how to make it listen', async () => {
  await loggedIn(ground, async (desk) => {
    const { exit, stderr } = await desk.run(['cloud', 'deploy', 'localhost', '/deafweb', 'deaf']);
    expect(exit).toBe(4);
    const end = stderr.slice(stderr.indexOf('✗ health'));
    const [, sentence, ...lines] = end.trimEnd().split('\n');
    expect(sentence).toBe('✗ The web service did not answer HTTP within 1000 ms. Its last lines:');
    const hint = lines.pop();
    // Both streams have lines among the last five; of how they follow one another a busy machine may know too little.
    expect(lines.every((line) => /^ {2}(out|err) \d$/.test(line))).toBe(true);
    expect([lines.length, new Set(lines).size]).toEqual([5, 5]);
    expect(hint).toBe(
      '  → Let it listen on the port in the variable PORT, on 127.0.0.1, or on the socket in PLOINKY_SOCKET; when it only starts slowly, raise `health.startTimeout` of its manifest. All that it wrote: `p-cli cloud logs localhost/deafweb --release 1`.',
    );
    const logs = await desk.run(['cloud', 'logs', 'localhost/deafweb', '--release', '1']);
    expect(logs.stdout).toContain('out 1');
  });
  await ground.undeploy('/deafweb');
});

describe('what a manifest says of restarts', () => {
  it('on-failure: one that ended well stays down, one that failed is started again', async () => {
    await ground.deployed('/failing', 'onFailure');
    await ground.call('/failing', 'leave', [3]);
    await ground.happened('/failing', 'container.restarted');
    await ground.comesBack('/failing');
    await ground.call('/failing', 'leave', [0]);
    await staysDown('/failing', 'exited with code 0', 'on-failure');
    await ground.deployed('/failing', 'onFailure');
    expect((await ground.call('/failing', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.undeploy('/failing');
  });

  it('never: it stays down, however it ended', async () => {
    await ground.deployed('/once', 'once');
    await ground.call('/once', 'leave', [3]);
    await staysDown('/once', 'exited with code 3', 'never');
    await ground.undeploy('/once');
  });

  async function staysDown(path: string, how: string, policy: string) {
    const condition = await eventually('the end', 20, async () => {
      const found = await conditionOf(path);
      return found?.state === 'down' ? found : undefined;
    });
    expect(condition).toMatchObject({
      retryInMs: null,
      reason: `${how}; its manifest says "restart": "${policy}", so it stays down until the next deploy`,
    });
    const refused = await ground.call(path, 'hello');
    expectProblem(refused, 'AGENT_UNREACHABLE');
    // Nothing comes of waiting.
    expect(JSON.stringify(refused.body)).not.toContain('retryAfterSeconds');
    expect(JSON.stringify(refused)).toContain('p-cli cloud deploy localhost');
  }
});

describe('a container that ends again and again', () => {
  it('is named a crash loop, with what it wrote last', async () => {
    await ground.deployed('/loop', 'plain');
    writeFileSync(fileOf('/loop', 'crash'), '');
    await ground.call('/loop', 'leave', [1]);
    const condition = await eventually('the crash loop', 40, async () => {
      const found = await conditionOf('/loop');
      return found?.crashLoop && found.state === 'down' ? found : undefined;
    });
    expect(condition).toMatchObject({
      reason: 'crash loop: ended 3 times in a row, last with exit code 7',
      output: expect.stringContaining('the disk is on fire'),
    });
    expect(condition.retryInMs).toBeGreaterThan(0);
    await ground.undeploy('/loop');
  });
});
