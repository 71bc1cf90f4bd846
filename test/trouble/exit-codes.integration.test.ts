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
    [5, ['call', '/good', 'nobody'], /no command/],
    [5, ['deploy', 'localhost', '/x', 'nobody'], /no agent|agent named nobody|AGENT_NOT_FOUND/i],
    [5, ['deploy', 'nobody.example', '/x', 'good'], /host add nobody\.example/],
    [5, ['deploy', 'localhost', '/x', 'noJson'], /noJson\/manifest\.json/],
    [4, ['deploy', 'localhost', '/x', 'badInstall'], /exit code 42[\s\S]*the disk is on fire/],
    [4, ['deploy', 'localhost', '/x', 'earlyExit'], /exit code 7/],
    [5, ['deploy', 'localhost', '/../x', 'good'], /not a valid path/],
    [5, ['repo', 'add', 'secret', 'https://me:hunter2@example.org/x.git'], /user name or password/],
    [5, ['settings', 'set', 'logLevel', 'loud'], /logLevel/],
    [5, ['undeploy', 'localhost', '/nowhere'], /Nothing is deployed/],
    [5, ['call', '/nowhere', 'hello'], /Nothing is deployed/],
    [5, ['why', 'localhost/nowhere'], /no deployment/],
    [5, ['why', 'localhost/good#99'], /no release/],
    [5, ['logs', 'localhost/nowhere'], /Nothing is deployed/],
    [5, ['logs', 'localhost/good', '--release', '99'], /no release 99/],
    [5, ['logs', 'download', '2020-01-01'], /no log of/],
    [5, ['timeline', 'localhost', '/nowhere'], /Nothing was ever deployed/],
    [5, ['rollback', 'localhost', '/good', '--to', '99', '--yes'], /no release 99/],
    [5, ['show', '99999'], /no event 99999/],
    [5, ['state', 'nowhere'], /no projection/],
    [5, ['state', '--path', 'deployments.nowhere'], /no "nowhere"/],
    [5, ['diff', '1', '99999'], /no event 99999/],
    [5, ['undo', '99999', '--yes'], /no event 99999/],
    [5, ['task', 'nowhere'], /no task nowhere/],
    [5, ['tasks', 'show', 'nowhere'], /no task/],
    [5, ['keys', 'revoke', 'nowhere'], /no active API key/],
    [5, ['volume', 'remove', 'localhost/good', 'nowhere', '--yes'], /nowhere/],
    [5, ['secret', 'rm', 'NOWHERE', '--yes'], /no secret/],
    [5, ['repo', 'sync', 'nowhere'], /no repository/],
    [5, ['host', 'enable', 'nowhere.example'], /not known/],
    [5, ['scale', 'localhost', '/nowhere', '2'], /Nothing is deployed/],
    [5, ['watch', 'localhost', '/nowhere'], /Nothing is deployed/],
    [5, ['top', 'localhost/nowhere'], /Nothing is deployed/],
    [5, ['replay', '--from', '99999'], /99999/],
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
