import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Mount } from '../../../adapters/engine/engine-port.ts';
import { mapPaths } from '../../../adapters/process/map-paths.ts';

const sources: Readonly<Record<string, string>> = {
  '/agent': '/data/agents/demo/1/code',
  '/agent/.ploinky/queue': '/data/agents/demo/1/queue',
  '/agentCore': '/opt/ploinky/agent-core',
  '/run/ploinky': '/data/run/demo-1',
  '/notes': 'notes-volume',
};

function mapped(text: string, inside: Readonly<Record<string, string>> = sources): string {
  return mapPaths(specOf(['program', text], inside), sourceOf).command[1] ?? '';
}

function specOf(command: readonly string[], inside: Readonly<Record<string, string>>) {
  const mounts = Object.entries(inside).map(
    ([target, source]): Mount => ({
      source,
      target,
      kind: source.startsWith('/') ? 'bind' : 'volume',
      readOnly: false,
    }),
  );
  return { command, mounts, environment: {}, workingDirectory: '/agent' };
}

function sourceOf({ kind, source }: Mount): string {
  return kind === 'bind' ? source : `/data/volumes/${source}`;
}

describe('a path inside becomes the path on this machine', () => {
  test.each([
    ['/agent', '/data/agents/demo/1/code'],
    ['/agent/', '/data/agents/demo/1/code/'],
    ['/agent/index.js', '/data/agents/demo/1/code/index.js'],
    ['/agentCore/run.sh', '/opt/ploinky/agent-core/run.sh'],
    ['--dir=/agent', '--dir=/data/agents/demo/1/code'],
    ['/agent:/agentCore', '/data/agents/demo/1/code:/opt/ploinky/agent-core'],
    ['@/notes/a.json', '@/data/volumes/notes-volume/a.json'],
    ['cd /agent && ls', 'cd /data/agents/demo/1/code && ls'],
    ["require('/agent/x')", "require('/data/agents/demo/1/code/x')"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a shell
    ['${CODE_DIR:-/agent}', '${CODE_DIR:-/data/agents/demo/1/code}'],
    ['one\n/agent\ntwo', 'one\n/data/agents/demo/1/code\ntwo'],
  ])('%s', (text, expected) => {
    expect(mapped(text)).toBe(expected);
  });

  test('the longest target first', () => {
    expect(mapped('/agent/.ploinky/queue/tasks')).toBe('/data/agents/demo/1/queue/tasks');
    expect(mapped('/agent/.ploinky')).toBe('/data/agents/demo/1/code/.ploinky');
  });

  test('in the working directory and the values of the environment, but not where an address is meant', () => {
    const environment = { CODE_DIR: '/agent', BOTH: '/agent:/notes', PLOINKY_PATH: '/agent', '/agent': 'name' };
    const result = mapPaths({ ...specOf(['x'], sources), environment, workingDirectory: '/agent/sub' }, sourceOf);
    expect(result.workingDirectory).toBe('/data/agents/demo/1/code/sub');
    expect(result.environment).toEqual({
      CODE_DIR: '/data/agents/demo/1/code',
      BOTH: '/data/agents/demo/1/code:/data/volumes/notes-volume',
      PLOINKY_PATH: '/agent',
      '/agent': 'name',
    });
  });
});

describe('what only looks like a path inside is left alone', () => {
  test.each([
    '/agents',
    '/agent2',
    '/agent.txt',
    '/agent-old',
    '/agent_1',
    '/agenté',
    '/home/agent',
    'x/agent',
    './agent',
    '../agent',
    '~/agent',
    '$HOME/agent',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of a shell
    '${HOME}/agent',
    '$(pwd)/agent',
    '/agent$X',
    '/agent*',
    'https://example.org/agent',
    '//agent',
    '/tmp/x',
    '/',
    '',
  ])('%s', (text) => {
    expect(mapped(text)).toBe(text);
  });
});

test('a mount over everything maps nothing', () => {
  expect(mapped('/etc/passwd /', { '/': '/data' })).toBe('/etc/passwd /');
});

test('a target with a slash at its end is the same target', () => {
  expect(mapped('/agent/x', { '/agent/': '/data' })).toBe('/data/x');
});

test('characters that mean something in a pattern mean themselves', () => {
  expect(mapped('/a.b+c/x /aXb+c/x', { '/a.b+c': '/data$&' })).toBe('/data$&/x /aXb+c/x');
});

const segment = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/);
const folder = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => `/${parts.join('/')}`);

test('without mounts nothing changes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(mapped(text, {})).toBe(text);
    }),
  );
});

test('text without a target does not change', () => {
  fc.assert(
    fc.property(fc.string(), folder, (text, source) => {
      fc.pre(!text.includes('/in'));
      expect(mapped(text, { '/in': source })).toBe(text);
    }),
  );
});

test('what was put in is not mapped again', () => {
  fc.assert(
    fc.property(fc.array(folder, { minLength: 1, maxLength: 4 }), folder, (targets, rest) => {
      const target = targets[0] as string;
      const inside = Object.fromEntries(targets.map((one) => [one, `/source${one}`]));
      const result = mapped(`${target}${rest}`, inside);
      expect(result).toBe(`/source${target}${rest}`);
    }),
  );
});
