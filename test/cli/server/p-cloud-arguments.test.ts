import { describe, expect, it } from 'vitest';
import { parseCloudArguments } from '../../../cli/server/p-cloud-arguments.ts';
import { localUrl } from '../../../cli/verbs/start.ts';

const serve = { kind: 'serve', dir: '.', port: undefined, host: undefined };

describe('p-cloud', () => {
  it.each([
    [[], {}, serve],
    [['-p', '9000', '-d', '/srv'], { PORT: '1' }, { ...serve, port: 9000, dir: '/srv' }],
    [['--port=0', '--host', '::1'], {}, { ...serve, port: 0, host: '::1' }],
    [[], { PORT: '81', PLOINKY_PORT: '82', PLOINKY_CLOUD_DIR: '/c' }, { ...serve, port: 82, dir: '/c' }],
    [[], { PORT: '81', PLOINKY_PORT: '' }, { ...serve, port: 81 }],
    [['--help', '--port', '1'], {}, { kind: 'help' }],
    [['-v'], {}, { kind: 'version' }],
  ])('%j with %o', (argv, env, expected) => {
    expect(parseCloudArguments(argv, env)).toEqual(expected);
  });

  it.each([[['--prot', '1']], [['--port']], [['--port', 'x']], [['--port', '70000']], [['--port', '-1']], [['word']]])(
    'refuses %j',
    (argv) => {
      expect(() => parseCloudArguments(argv, {})).toThrow(expect.objectContaining({ code: 'USAGE', exitCode: 1 }));
    },
  );

  it.each([
    [undefined, 'http://localhost:8000'],
    ['0.0.0.0', 'http://localhost:8000'],
    ['10.0.0.5', 'http://10.0.0.5:8000'],
    ['fe80::1', 'http://[fe80::1]:8000'],
  ])('listening on %s is reached by %s', (host, url) => expect(localUrl(host, 8000)).toBe(url));
});
