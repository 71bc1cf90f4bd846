import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { runScript } from '../../../cli/shell/script.ts';
import { shellFlags } from '../../../cli/shell/shell-flags.ts';
import { Desk } from '../desk.ts';

async function piped(desk: Desk, lines: readonly string[], flags: readonly string[] = []) {
  let stdout = '';
  let stderr = '';
  const surroundings = {
    cwd: desk.folder,
    home: desk.home,
    env: {},
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: (text: string) => (stderr += text) },
    signal: new AbortController().signal,
    now: () => 0,
  };
  const exit = await runScript(Readable.from([lines.join('\n')]), surroundings, flags);
  return { exit, stdout, stderr };
}

it('runs each line of a pipe, with or without the name of the program', () =>
  Desk.useWith({ 'POST /demo': { body: { success: true, data: 1 } } }, async (desk, server) => {
    const lines = ['# a comment', '', 'p-cli cloud call /demo "say it" \'a b\'\r', 'cloud call /demo again'];
    const { exit, stdout } = await piped(desk, lines);
    expect(exit).toBe(0);
    expect(server.seen.map(({ body }) => body)).toEqual([
      { command: 'say it', params: ['a b'] },
      { command: 'again', params: [] },
    ]);
    expect(stdout.match(/"success": true/g)).toHaveLength(2);
  }));

it('gives the options of the program to every line', () =>
  Desk.useWith({ 'DELETE /management/api/deployments': {} }, async (desk) => {
    expect(shellFlags(['--json', '-d'])).toEqual(['--json', '-d']);
    expect(shellFlags([])).toEqual([]);
    expect(shellFlags(['--json', 'help'])).toBeUndefined();
    const { stdout, stderr } = await piped(desk, ['cloud undeploy localhost /x', 'cloud "x'], ['--json']);
    expect(JSON.parse(stdout)).toEqual({ success: true });
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'USAGE' } });
  }));

it('ends at exit', () =>
  Desk.useWith({ 'POST /demo': { body: { success: true, data: 1 } } }, async (desk, server) => {
    const { exit } = await piped(desk, ['cloud call /demo first', ' quit', 'cloud call /demo second']);
    expect(exit).toBe(0);
    expect(server.seen).toHaveLength(1);
  }));

it('goes on after a line that fails, and ends with the exit code of the first', () =>
  Desk.use(async (desk) => {
    await desk.write('.ploinky/cloud.json', { serverUrl: 'http://127.0.0.1:1' });
    const { exit, stdout, stderr } = await piped(desk, [
      'cloud settings',
      'cloud nonsense',
      'cloud show "x',
      'cloud logout',
    ]);
    expect(exit).toBe(2);
    expect(stderr).toContain('unknown command');
    expect(stderr).toContain('The line ends before the closing ".');
    expect(stdout).toBe('Not logged in\n');
  }));

it('runs nothing through a shell', () =>
  Desk.use(async (desk) => {
    const { exit, stderr } = await piped(desk, ['cloud logout; touch pwned', 'touch pwned', '$(touch pwned)']);
    expect(exit).toBe(1);
    expect(stderr).toContain("unknown command 'logout;'");
    await expect(desk.json('pwned')).rejects.toThrow('ENOENT');
  }));

it('does not let a command eat the lines after it', () =>
  Desk.use(async (desk) => {
    const { exit, stdout, stderr } = await piped(desk, ['cloud login -', 'cloud logout']);
    expect(exit).toBe(1);
    expect(stderr).toContain('stdin is the list of commands');
    expect(stdout).toBe('Not logged in\n');
  }));
