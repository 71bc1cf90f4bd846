import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../cli/command-spec.ts';
import { commands } from '../../cli/commands/all.ts';
import { Desk } from './desk.ts';

/** Every command and group with its whole name. */
function* all(specs: readonly CommandSpec[], parent: readonly string[] = []): Generator<[string[], CommandSpec]> {
  for (const spec of specs) {
    const name = [...parent, spec.usage.split(' ')[0] ?? ''];
    yield [name, spec];
    yield* all(spec.commands ?? [], name);
  }
}

describe('the command line', () => {
  it('tells what is missing, the usage, and where to read more', () =>
    Desk.use(async (desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'deploy', 'localhost']);
      expect([exit, stdout]).toEqual([1, '']);
      expect(stderr).toContain("✗ missing required argument 'path'");
      expect(stderr).toContain('Usage: p-cli cloud deploy [options] <host> <path> <agent>');
      expect(stderr).toContain('→ See `p-cli cloud deploy --help`.');
    }));

  it.each([
    [['cloud', 'deplyo'], 'Did you mean deploy?'],
    [['clod'], 'Did you mean cloud?'],
    [['cloud', 'deployments', '--jsn'], 'Did you mean --json?'],
    [['cloud', 'deployments', 'extra'], 'too many arguments'],
    [
      ['cloud', 'settings', 'put', 'engine'],
      "unknown command 'put'; p-cli cloud settings has: show, get <name>, set <name> <value>",
    ],
    [['cloud', 'config', 'import'], "unknown command 'import'; p-cli cloud config has: show"],
  ])('%j: %s', (argv, message) =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await desk.run(argv);
      expect(exit).toBe(1);
      expect(stderr).toContain(message);
    }),
  );

  it('gives programs usage errors as JSON', () =>
    Desk.use(async (desk) => {
      const { stdout, stderr } = await desk.run(['--json', 'cloud', 'deploy']);
      expect(stdout).toBe('');
      expect(JSON.parse(stderr)).toMatchObject({ success: false, error: { code: 'USAGE' } });
    }));

  it('prints the help of a group that was called without a word, and exits 1', () =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'host']);
      expect(exit).toBe(1);
      expect(stderr).toContain('add <name>');
    }));

  it('prints its version', () =>
    Desk.use(async (desk) => {
      expect(await desk.run(['--version'])).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    }));

  it('shows requests and stack traces with PLOINKY_DEBUG, DEBUG or -d', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: 'http://127.0.0.1:1' });
      const argv = ['cloud', 'settings'];
      const quiet = await desk.run(argv);
      expect(quiet.stderr).not.toMatch(/\n {4}at /);
      for (const [more, env] of [
        [['-d'], {}],
        [[], { DEBUG: '1' }],
        [[], { PLOINKY_DEBUG: '1' }],
      ] as const) {
        const { stderr } = await desk.run([...argv, ...more], { env });
        expect(stderr).toContain('· GET http://127.0.0.1:1/management/api/settings failed');
        expect(stderr).toMatch(/\n {4}at /);
      }
    }));

  it('says what became of the local commands', () =>
    Desk.use(async (desk) => {
      for (const argv of [
        ['add', 'repo', 'x'],
        ['new', 'agent', 'r', 'n'],
        ['set', 'run', 'a', 'cmd', '--x'],
        ['run', 'bash'],
      ]) {
        const { exit, stderr } = await desk.run(argv);
        expect(exit).toBe(5);
        expect(stderr).toContain('not part of this one');
      }
    }));
});

describe('help', () => {
  const visible = [...all(commands)].filter(([, spec]) => !spec.hidden);

  it('exists for every command, with a summary, and examples where it does something', () => {
    for (const [name, spec] of visible) {
      expect(spec.summary, name.join(' ')).not.toBe('');
      if (spec.load && spec.usage !== 'help [topic...]' && !isUnderHidden(name)) {
        expect(spec.examples?.length, name.join(' ')).toBeGreaterThan(0);
      }
    }
  });

  it('is printed by --help on each, with usage and examples, exit 0', () =>
    Desk.use(async (desk) => {
      for (const [name, spec] of visible) {
        const { exit, stdout } = await desk.run([...name, '--help']);
        expect(exit, name.join(' ')).toBe(0);
        expect(stdout).toContain(`Usage: p-cli ${name.join(' ')}`);
        for (const example of spec.examples ?? []) expect(stdout).toContain(`$ ${example}`);
      }
    }));

  it('names only commands that exist in its examples', () => {
    const names = new Set([...all(commands)].map(([name]) => name.join(' ')));
    for (const [, spec] of visible) {
      for (const example of spec.examples ?? []) {
        const words = (/p-cli (.*)/.exec(example)?.[1] ?? '').split(' ');
        expect(names, example).toContain(
          words
            .slice(0, 2)
            .join(' ')
            .replace(/^help.*/, 'help'),
        );
      }
    }
  });

  it('prints blocks for a topic', () =>
    Desk.use(async (desk) => {
      const { exit, stdout } = await desk.run(['help', 'cloud', 'host', 'add']);
      expect(exit).toBe(0);
      expect(stdout).toBe(
        [
          'HELP: cloud host add',
          '',
          'SYNTAX:',
          '  p-cli cloud host add <name>',
          '',
          'DESCRIPTION:',
          '  serve a host name',
          '',
          'EXAMPLES:',
          '  p-cli cloud host add agents.example.org',
          '',
        ].join('\n'),
      );
      expect((await desk.run(['help', 'deploy'])).stdout).toContain('HELP: cloud deploy');
      expect((await desk.run(['help'])).stdout).toContain('p-cli cloud deploy <host> <path> <agent>');
      expect((await desk.run(['help', 'nonsense'])).exit).toBe(1);
    }));

  it('is given by help at every level, as --help gives it', () =>
    Desk.use(async (desk) => {
      const told = async (...argv: string[]) => {
        const { exit, stdout } = await desk.run(argv);
        return [exit, stdout.split('\n')[0]];
      };
      expect(await told('cloud', 'help')).toEqual([0, 'HELP: cloud']);
      expect(await told('cloud', 'help', 'deploy')).toEqual([0, 'HELP: cloud deploy']);
      expect(await told('cloud', 'help', 'cloud', 'deploy')).toEqual([0, 'HELP: cloud deploy']);
      expect(await told('cloud', 'help', 'host', 'add')).toEqual([0, 'HELP: cloud host add']);
      expect(await told('cloud', 'host', 'help', 'add')).toEqual([0, 'HELP: cloud host add']);
      expect(await told('cloud', 'settings', 'help')).toEqual([0, 'HELP: cloud settings']);
      expect(await told('cloud', 'logs', 'help', 'list')).toEqual([0, 'HELP: cloud logs list']);
      expect(await told('client', 'help', 'call')).toEqual([0, 'HELP: client call']);
      expect(await desk.run(['cloud', 'help', 'deplyo'])).toMatchObject({
        exit: 1,
        stderr: expect.stringContaining("no help on 'cloud deplyo'"),
      });
    }));

  function isUnderHidden(name: readonly string[]): boolean {
    return [...all(commands)].some(([other, spec]) => spec.hidden && other.every((word, i) => name[i] === word));
  }
});
