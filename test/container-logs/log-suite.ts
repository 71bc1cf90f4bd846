import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { ContainerLine } from '../../cli/logs/container-lines.ts';
import { eventually, Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';
import { makeTalkingRepository } from './talking-agent.ts';

export interface LogSuiteOptions {
  readonly engine: 'docker' | 'podman' | 'process';
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly kills: number;
}

const secret = 'canary-3f81c2-value';

/**
 * An agent that numbers its lines, a server that is killed among them, a redeploy and the end of it all: the log has each line once, no value
 * of a secret and nothing that a terminal obeys.
 */
export async function keepsEveryLine({ engine, settings, env, kills }: LogSuiteOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pk-'));
  const server = new ServerProcess(join(folder, 'c'), env);
  const operator = new Operator(server);
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ engine, 'git.allowLocal': true, stopGraceMs: 2_000, ...settings });
    const url = makeTalkingRepository(join(folder, 'repository'));
    expect((await operator.request('POST', '/management/api/repositories', { name: 'own', url })).status).toBe(200);
    await operator.request('POST', '/management/api/secrets', { name: 'PASSWORD', value: secret });
    await deploy(operator);

    for (let kill = 0; kill < kills; kill += 1) {
      const before = await newest(operator);
      await eventually('the agent talking', 30, async () =>
        (await newest(operator)) > before + 100 ? true : undefined,
      );
      await server.kill();
      await server.start();
    }
    const said = await operator.request('POST', '/talker/say', { params: ['hello'] });
    expect(said.body).toMatchObject({ success: true });
    await eventually('its words in the log', 30, async () =>
      (await lines(operator, 'contains=end%20of%20what')).length > 0 ? true : undefined,
    );
    // A release that takes over, and then nothing at all: the log of both stays.
    await deploy(operator);
    const gone = await operator.request('DELETE', '/management/api/deployments/localhost/talker');
    expect(gone.status).toBe(200);

    const all = await lines(operator, 'since=1970-01-01T00:00:00Z');
    for (const release of [1, 2]) {
      const of = (stream: string) => all.filter((line) => line.release === release && line.stream === stream);
      numbered(
        of('stdout')
          .map(({ text }) => text)
          .filter((text) => text.startsWith('line ')),
        'line',
      );
      numbered(
        of('stderr').map(({ text }) => text),
        'odd',
      );
    }
    const texts = all.map(({ text }) => text);
    expect(texts).toContain('handler says hello');
    expect(texts.join('').match(/\[secret PASSWORD\]/g)?.length).toBe(2);
    // Where an engine cuts a long line depends on what its reader finds at that moment.
    const stdout = all.filter(({ stream }) => stream === 'stdout').map(({ text }) => text);
    expect(stdout.join('')).toContain('x[secret PASSWORD] behind');
    expect(texts.some((text) => text.includes('\u001b]0;title'))).toBe(true);
    noSecretsNorControls(join(server.dir, '.ploinky-cloud', 'logs', 'containers'));
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${server.output}`, { cause: error });
  } finally {
    await server.kill();
    await server.start().catch(() => {});
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function deploy(operator: Operator): Promise<void> {
  const environment = { PASSWORD: { secret: 'PASSWORD' } };
  const body = { domain: 'localhost', path: '/talker', agent: 'talker', repository: 'own', environment };
  const answer = await operator.request('POST', '/management/api/deployments', body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

async function lines(operator: Operator, query: string): Promise<ContainerLine[]> {
  const { status, body } = await operator.request(
    'GET',
    `/management/api/logs/containers?deployment=localhost/talker&${query}`,
  );
  if (status !== 200) throw new Error(JSON.stringify(body));
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ContainerLine);
}

/** The highest number in the log. */
async function newest(operator: Operator): Promise<number> {
  const found = await lines(operator, 'lines=10&contains=line%20');
  return Number(found.at(-1)?.text.slice('line '.length) ?? 0);
}

function numbered(texts: readonly string[], word: string): void {
  expect(texts.length).toBeGreaterThan(0);
  expect(texts).toEqual(texts.map((_, i) => `${word} ${i + 1}`));
}

function noSecretsNorControls(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    const text = bytes.toString();
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(0, 8));
    expect(text).not.toContain(Buffer.from(secret).toString('base64'));
    expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text)).toBe(false);
  }
}
