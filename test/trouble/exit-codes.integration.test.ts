import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../cli/package-root.ts';
import { makeRepository } from './agents.ts';
import { Ground } from './ground.ts';

let ground: Ground;
let desk: string;

beforeAll(async () => {
  ground = await Ground.make();
  await ground.addRepository('own', makeRepository(join(ground.folder, 'r')));
  await ground.deployed('/good', 'good');
  desk = join(ground.folder, 'desk');
  mkdirSync(desk);
  await pcli('connect', ground.server.url);
  await pcli('login', ground.operator.apiKey);
});
afterAll(() => ground?.clear());

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** `p-cli cloud …` as an operator types it. */
function pcli(...words: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const program = join(packageRoot(), 'dist', 'cli', 'p-cli.js');
    const env = { PATH: process.env.PATH, HOME: desk, NO_COLOR: '1' };
    execFile(process.execPath, [program, 'cloud', ...words], { cwd: desk, env }, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}

describe('p-cli', () => {
  it.each<[number, string[], RegExp]>([
    [0, ['call', '/good', 'hello', 'World'], /Hello, World!/],
    [1, ['call', '/good', 'throws'], /the cupboard is bare/],
    [1, ['call', '/good', 'nobody'], /no command/],
    [5, ['deploy', 'localhost', '/x', 'nobody'], /no agent|agent named nobody|AGENT_NOT_FOUND/i],
    [5, ['deploy', 'nobody.example', '/x', 'good'], /host add nobody\.example/],
    [5, ['deploy', 'localhost', '/x', 'noJson'], /noJson\/manifest\.json/],
    [4, ['deploy', 'localhost', '/x', 'badInstall'], /exit code 42[\s\S]*the disk is on fire/],
    [4, ['deploy', 'localhost', '/x', 'earlyExit'], /exit code 7/],
    [5, ['deploy', 'localhost', '/../x', 'good'], /not a valid path/],
    [5, ['repo', 'add', 'secret', 'https://me:hunter2@example.org/x.git'], /user name or password/],
    [5, ['settings', 'set', 'logLevel', 'loud'], /logLevel/],
    [5, ['undeploy', 'localhost', '/nowhere'], /Nothing is deployed/],
    [1, ['deploy', 'localhost'], /Usage|usage/],
    [3, ['login', 'sk_wrong'], /API key/],
  ])('ends with %i after %j', async (code, words, said) => {
    const ended = await pcli(...words);
    expect(ended, ended.err).toMatchObject({ code });
    expect(ended.out + ended.err).toMatch(said);
    expect(ended.out + ended.err).not.toContain('hunter2');
    // Every failure ends with what to do next.
    if (code > 0) expect(ended.err.trim().split('\n').length).toBeGreaterThan(1);
  });

  it('ends with 2 where nobody listens, and with 3 without a login', async () => {
    const elsewhere = join(ground.folder, 'elsewhere');
    mkdirSync(join(elsewhere, '.ploinky'), { recursive: true });
    writeFileSync(join(elsewhere, '.ploinky', 'cloud.json'), '{"serverUrl":"http://127.0.0.1:1"}');
    const before = desk;
    desk = elsewhere;
    try {
      expect(await pcli('status')).toMatchObject({ code: 2 });
      writeFileSync(join(elsewhere, '.ploinky', 'cloud.json'), JSON.stringify({ serverUrl: ground.server.url }));
      expect(await pcli('deployments')).toMatchObject({ code: 3 });
    } finally {
      desk = before;
    }
  });
});
