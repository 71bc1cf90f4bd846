import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../agent-repository.ts';
import { makeRepository } from './agents.ts';
import { expectProblem, Ground } from './ground.ts';

let ground: Ground;
let repository: string;

beforeAll(async () => {
  ground = await Ground.make({ settings: { agentStartTimeoutMs: 10_000 } });
  repository = makeRepository(join(ground.folder, 'r'));
  await ground.addRepository('own', repository);
  await ground.addRepository('copy', makeRepository(join(ground.folder, 'c2'), ['deaf', 'privileged']));
});
afterAll(() => ground?.clear());
afterEach(() => ground.answers());

/** The last word of the log about a release that failed. */
async function failureOf(path: string) {
  const failed = (await ground.events(path)).filter(({ type }) => type === 'release.failed');
  expect(failed).toHaveLength(1);
  return failed[0]?.data as { stage: string; problem: { code: string; message: string }; log: string | null };
}

describe('a deploy', () => {
  it.each([
    ['nobodyKnowsIt', 'AGENT_NOT_FOUND', 'nobodyKnowsIt'],
    ['noJson', 'MANIFEST_INVALID', 'noJson/manifest.json'],
    ['wrongField', 'MANIFEST_INVALID', '/environment/PORT'],
    ['deaf', 'AGENT_AMBIGUOUS', 'own, copy'],
  ])('of the agent %s fails with %s and leaves nothing', async (agent, code, words) => {
    const path = `/${agent.toLowerCase()}`;
    const answer = await ground.deploy(path, agent);
    expectProblem(answer, code);
    expect(answer.body.message).toContain(words);
    expect(answer.body.error.details).toMatchObject({ stage: 'source', release: 1 });
    expect(await failureOf(path)).toMatchObject({ stage: 'source', problem: { code } });
    await ground.nothingHalfMade(path);
    const call = await ground.call(path, 'hello');
    expectProblem(call, 'AGENT_UNREACHABLE');
    expect(call.body.error.hint).toBe(`See why: \`p-cli cloud why localhost${path}\`.`);
    // Its container is not on its way, and was never there.
    const listed = await ground.operator.request('GET', '/management/api/deployments');
    const { deployments } = listed.body as { deployments: { path: string; containers: unknown[] }[] };
    expect(deployments.find((one) => one.path === path)).toMatchObject({ status: 'failed', containers: [] });
  });

  it('of an agent whose name was mistyped asks whether another was meant', async () => {
    const answer = await ground.deploy('/slip', 'prvileged');
    expectProblem(answer, 'AGENT_NOT_FOUND');
    expect(answer.body.error.hint).toBe('Did you mean privileged? All of them: `p-cli cloud agent list`.');
  });

  it('of a manifest that asks for power over the machine is refused', async () => {
    const answer = await ground.deploy('/power', 'privileged', { repository: 'copy' });
    expectProblem(answer, 'MANIFEST_INVALID');
    expect(answer.body.message).toContain('privileged');
    await ground.nothingHalfMade('/power');
  });

  it.each([
    [{ branch: 'nowhere' }, 'GIT_REF_NOT_FOUND', 'nowhere'],
    [{ commit: '0123456789012345678901234567890123456789' }, 'GIT_REF_NOT_FOUND', '0123456'],
  ])('of %o fails with %s', async (source, code, words) => {
    const answer = await ground.deploy('/ref', 'good', { repository: 'own', ...source });
    expectProblem(answer, code);
    expect(answer.body.message).toContain(words);
    await ground.nothingHalfMade('/ref');
  });

  it('with an install step that fails tells the exit code, the last lines and the log', async () => {
    const answer = await ground.deploy('/install', 'badInstall');
    expectProblem(answer, 'INSTALL_FAILED');
    expect(answer.body.message).toContain('exit code 42');
    expect(answer.body.message).toContain('the disk is on fire');
    const { stage, log, problem } = await failureOf('/install');
    expect(stage).toBe('install');
    expect(problem.message).toBe(answer.body.message);
    expect(answer.body.error.details).toMatchObject({ stage, log, release: 1 });
    expect(readFileSync(join(ground.data, 'logs', log as string), 'utf8')).toBe('working\nthe disk is on fire\n');
    const output = await ground.operator.request('GET', '/management/api/output?deployment=localhost/install&lines=1');
    expect(String(output.body)).toBe(`the disk is on fire\nRelease 1 failed at the stage install: INSTALL_FAILED\n`);
    await ground.nothingHalfMade('/install');
  });

  it.each([
    ['noProgram', 'exit code 127', '/no/such/program'],
    ['earlyExit', 'exit code 7', 'the disk is on fire'],
    ['broken', 'exit code', 'SyntaxError'],
  ])('of the agent %s that ends at once says how', async (agent, words, line) => {
    const path = `/${agent.toLowerCase()}`;
    const answer = await ground.deploy(path, agent);
    expectProblem(answer, 'EXITED_EARLY');
    expect(answer.body.message).toContain(words);
    expect(answer.body.message).toContain(line);
    expect((await failureOf(path)).stage).toBe('start');
    const types = (await ground.events(path)).map(({ type }) => type);
    expect(types).toContain('container.exited');
    expect(types).not.toContain('container.healthy');
    await ground.nothingHalfMade(path);
  });

  it('of an agent that never gets healthy gives up and shows its last lines', async () => {
    await ground.operator.set({ agentStartTimeoutMs: 400 });
    try {
      const answer = await ground.deploy('/deaf2', 'deaf', { repository: 'own' });
      expectProblem(answer, 'NOT_HEALTHY');
      expect(answer.body.message).toContain('400 ms');
      expect(answer.body.message).toContain('I do not listen');
      expect((await failureOf('/deaf2')).stage).toBe('health');
      await ground.nothingHalfMade('/deaf2');
    } finally {
      await ground.operator.set({ agentStartTimeoutMs: 10_000 });
    }
  });

  it('with a command that does not exist says so', async () => {
    const answer = await ground.deploy('/command', 'good', { command: '/no/such/thing' });
    expectProblem(answer, 'EXITED_EARLY');
    expect(answer.body.message).toContain('/no/such/thing');
    await ground.nothingHalfMade('/command');
  });

  it('that fails leaves what served before', async () => {
    await ground.deployed('/stays', 'good', { repository: 'own' });
    const answer = await ground.deploy('/stays', 'earlyExit', { repository: 'own' });
    expectProblem(answer, 'EXITED_EARLY');
    expect((await ground.call('/stays', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.nothingHalfMade('/stays');
    await ground.undeploy('/stays');
    await ground.nothingHalfMade('/stays');
  });

  it('fails and the next one succeeds', async () => {
    expectProblem(await ground.deploy('/again', 'earlyExit'), 'EXITED_EARLY');
    await ground.deployed('/again', 'good');
    expect((await ground.call('/again', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.undeploy('/again');
    await ground.nothingHalfMade('/again');
  });
});

it('many deployments at once all serve', async () => {
  const paths = [...Array(6).keys()].map((i) => `/at-once/${i}`);
  await Promise.all(paths.map((path) => ground.deployed(path, 'good')));
  const answers = await Promise.all(paths.map((path) => ground.call(path, 'hello', [path])));
  expect(answers.map(({ body }) => body.data)).toEqual(paths.map((path) => `Hello, ${path}!`));
  await Promise.all(paths.map((path) => ground.undeploy(path)));
  for (const path of paths) await ground.nothingHalfMade(path);
});

it('what an install step left running is ended with it', async () => {
  await ground.deployed('/litter', 'litter');
  await ground.undeploy('/litter');
  await ground.nothingHalfMade('/litter');
});

describe('what an agent says in many words', () => {
  it('while it installs is cut', async () => {
    const answer = await ground.deploy('/wordy-install', 'wordyInstall');
    expectProblem(answer, 'INSTALL_FAILED');
    expect(answer.body.message).toContain('exit code 9');
    expect((await failureOf('/wordy-install')).problem.message).toBe(answer.body.message);
    await ground.nothingHalfMade('/wordy-install');
  });

  it('before it ends is cut', async () => {
    const answer = await ground.deploy('/wordy-exit', 'wordyExit');
    expectProblem(answer, 'EXITED_EARLY');
    expect(answer.body.message).toContain('exit code 9');
    await ground.nothingHalfMade('/wordy-exit');
  });

  it('in a handler reaches the caller', async () => {
    await ground.deployed('/wordy', 'wordyHandler');
    const answer = await ground.call('/wordy', 'tell');
    expectProblem(answer, 'HANDLER_FAILED');
    expect(answer.body.error.details.stdout).toContain('€');
    const task = await ground.operator.request('GET', `/management/api/tasks/${answer.body.taskId}`);
    expect(task.body.error).toEqual(answer.body.error);
    await ground.undeploy('/wordy');
  });
});

describe('a large', () => {
  it('manifest is deployed', async () => {
    await ground.deployed('/large', 'largeManifest');
    expect((await ground.call('/large', 'environment', ['LARGE'])).body.data).toHaveLength(20_000);
    await ground.undeploy('/large');
    await ground.nothingHalfMade('/large');
  });

  it('configuration is deployed', async () => {
    const long = 'l'.repeat(20_000);
    await ground.deployed('/config', 'good', { environment: { LONG: long } });
    expect((await ground.call('/config', 'environment', ['LONG'])).body.data).toBe(long);
    await ground.undeploy('/config');
    await ground.nothingHalfMade('/config');
  });

  it('number of agents in one repository is known', async () => {
    const folder = makeRepository(join(ground.folder, 'many'), []);
    const manifest = JSON.stringify({ about: 'one of very many agents of this repository' });
    const names = [...Array(200).keys()].map((i) => `agent${i}`);
    for (const name of names) makeAgent(folder, name, manifest);
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--message', 'Many');
    await ground.addRepository('many', folder);
    const { body } = await ground.operator.request('GET', '/management/api/repositories/many/agents');
    expect(body.agents).toHaveLength(200);
    await ground.operator.request('DELETE', '/management/api/repositories/many');
  });
});

describe('while a deploy is under way', () => {
  it('an undeploy ends it', async () => {
    const deploy = ground.deploy('/slow', 'slowInstall');
    await ground.installing('/slow');
    await ground.undeploy('/slow');
    expectProblem(await deploy, 'DEPLOYMENT_REMOVED');
    await ground.nothingHalfMade('/slow');
    expectProblem(await ground.call('/slow', 'hello'), 'DEPLOYMENT_NOT_FOUND');
  });

  it('a second one takes its place', async () => {
    const first = ground.deploy('/twice', 'slowInstall');
    await ground.installing('/twice');
    await ground.deployed('/twice', 'good');
    expectProblem(await first, 'SUPERSEDED');
    expect((await ground.call('/twice', 'hello', ['you'])).body.data).toBe('Hello, you!');
    await ground.nothingHalfMade('/twice');
    await ground.undeploy('/twice');
    await ground.nothingHalfMade('/twice');
  });

  it.each([
    ['/odd', 'noJson', { repository: 'own' }, 'MANIFEST_INVALID'],
    ['/nobody', 'nobodyKnowsIt', {}, 'AGENT_NOT_FOUND'],
    ['/nobody-there', 'nobodyKnowsIt', { repository: 'own' }, 'AGENT_NOT_FOUND'],
    ['/no-branch', 'good', { repository: 'own', branch: 'nowhere' }, 'GIT_REF_NOT_FOUND'],
    ['/no-commit', 'good', { repository: 'own', commit: '0123456789'.repeat(4) }, 'GIT_REF_NOT_FOUND'],
  ])('at %s one of %s, %o, that finds no source leaves it alone', async (path, agent, source, code) => {
    const first = ground.deploy(path, 'slowInstall');
    await ground.installing(path);
    expectProblem(await ground.deploy(path, agent, source), code);
    const { deployments, releases } = await ground.state();
    expect(releases[`localhost${path}#1`]).toMatchObject({ status: 'imageResolved' });
    expect(deployments[`localhost${path}`]).toMatchObject({ latest: 2, config: { agent: 'slowInstall' } });
    await ground.undeploy(path);
    expectProblem(await first, 'DEPLOYMENT_REMOVED');
    await ground.nothingHalfMade(path);
  });

  it('ten more at once end with one release that serves', async () => {
    const answers = await Promise.all([...Array(10)].map(() => ground.deploy('/many', 'good')));
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBeGreaterThan(0);
    for (const answer of answers.filter(({ status }) => status !== 200)) expectProblem(answer, 'SUPERSEDED');
    await ground.nothingHalfMade('/many');
    expect((await ground.state()).deployments['localhost/many']).toMatchObject({ latest: 10, routed: 10 });
    await ground.undeploy('/many');
    await ground.nothingHalfMade('/many');
  });

  it('its repository may be removed', async () => {
    await ground.addRepository('passing', makeRepository(join(ground.folder, 'p'), ['good', 'slowInstall']));
    const deploy = ground.deploy('/gone', 'slowInstall', { repository: 'passing' });
    await ground.installing('/gone');
    await ground.operator.request('DELETE', '/management/api/repositories/passing');
    const again = await ground.deploy('/gone', 'good', { repository: 'passing' });
    expectProblem(again, 'REPOSITORY_NOT_FOUND');
    await ground.undeploy('/gone');
    expectProblem(await deploy, 'DEPLOYMENT_REMOVED');
    await ground.nothingHalfMade('/gone');
  });

  it('the server may be stopped, and goes on with it later', async () => {
    const deploy = ground.deploy('/later', 'slowInstall').catch((error: unknown) => error);
    await ground.installing('/later');
    await ground.server.kill('SIGTERM');
    const answer = await deploy;
    if (!(answer instanceof Error)) expectProblem(answer as Awaited<ReturnType<Ground['deploy']>>, 'LOG_CLOSED');
    await ground.server.start();
    await ground.installing('/later');
    await ground.undeploy('/later');
    await ground.nothingHalfMade('/later');
  });
});

function makeAgent(folder: string, name: string, manifest: string): void {
  mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, name, 'manifest.json'), manifest);
}
