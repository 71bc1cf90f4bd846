import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal } from './scripted-server.ts';

const api = (route: string) => `/management/api/${route}`;

describe('call', () => {
  const reply = { success: true, data: 'Hello, World!', taskId: 't1' };

  it('sends string parameters and prints the reply as JSON', () =>
    Desk.useWith({ 'POST /demo': { body: reply } }, async (desk, server) => {
      const { exit, stdout } = await desk.run(['cloud', 'call', 'demo', 'hello', 'World', '-5', '--shout', 'x']);
      expect(exit).toBe(0);
      expect(JSON.parse(stdout)).toEqual(reply);
      expect(server.seen[0]?.body).toEqual({ command: 'hello', params: ['World', '-5', '--shout', 'x'] });
    }));

  it('takes JSON parameters, another host and a time limit', () =>
    Desk.useWith({ 'POST /': { body: reply } }, async (desk, server) => {
      const argv = [
        'cloud',
        'call',
        '/',
        'add',
        '--json-params',
        '--host',
        'x.org',
        '--timeout',
        '500',
        '1',
        '{"a":2}',
      ];
      expect((await desk.run(argv)).exit).toBe(0);
      expect(server.seen[0]?.body).toEqual({ command: 'add', params: [1, { a: 2 }] });
      expect(server.seen[0]?.headers).toMatchObject({ host: 'x.org', 'x-task-timeout': '500' });
    }));

  it('sends what is wished for beside the call', () =>
    Desk.useWith({ 'POST /demo': { body: reply } }, async (desk, server) => {
      const wishes = ['--timeout', '5s', '--priority', 'urgent', '--idempotency-key', 'k', '--callback', 'http://x/'];
      expect((await desk.run(['cloud', 'call', '/demo', 'x', ...wishes])).exit).toBe(0);
      expect(server.seen[0]?.headers).toMatchObject({
        'x-task-timeout': '5000',
        'x-task-priority': 'urgent',
        'idempotency-key': 'k',
        'x-callback-url': 'http://x/',
      });
      expect(server.seen[0]?.headers).not.toHaveProperty('prefer');
      const wrong = await desk.run(['cloud', 'call', '/demo', 'x', '--timeout', 'soon']);
      expect(wrong.stderr).toContain('milliseconds or a duration such as 5s');
    }));

  it('does not wait for the outcome with --async', () =>
    Desk.useWith(
      { 'POST /demo': { status: 202, body: { taskId: 't1', url: '/client/tasks/t1', expires: null } } },
      async (desk, server) => {
        const { exit, stdout } = await desk.run(['cloud', 'call', '/demo', 'slow', '--async']);
        expect([exit, stdout]).toEqual([
          0,
          '✓ slow was accepted as t1\n  → Its outcome: `p-cli cloud task t1 --wait`\n',
        ]);
        expect(server.seen[0]?.headers.prefer).toBe('respond-async');
      },
    ));

  it('makes many calls with --batch, and fails when one failed', () => {
    const lines = [
      '{"status":200,"success":true,"data":"Hello!","taskId":"a"}',
      '{"status":404,"success":false,"error":{"code":"COMMAND_NOT_FOUND","message":"no"},"taskId":"b"}',
    ];
    return Desk.useWith({ 'POST /demo/hello': { text: `${lines.join('\n')}\n` } }, async (desk, server) => {
      const stdin = '["Ann"]\n{"command":"nope"}\n';
      const { exit, stdout } = await desk.run(['cloud', 'call', '/demo', 'hello', '--batch', '-'], { stdin });
      expect([exit, stdout]).toEqual([1, '✓ 1. "Hello!"\n✗ 2. COMMAND_NOT_FOUND no\n1 of 2 calls succeeded\n']);
      expect(server.seen[0]).toMatchObject({ headers: { 'content-type': 'application/x-ndjson' } });
      const missing = await desk.run(['cloud', 'call', '/demo', 'hello', '--batch', 'none.ndjson']);
      expect(missing.stderr).toContain('none.ndjson cannot be read');
    });
  });

  it('makes many calls without waiting with --batch and --async', () => {
    const accepted = ['a', 'b'].map((taskId) => ({ taskId, state: 'accepted', url: `/client/tasks/${taskId}` }));
    const text = `${accepted.map((one) => JSON.stringify(one)).join('\n')}\n`;
    return Desk.useWith({ 'POST /demo/hello': { status: 202, text } }, async (desk, server) => {
      const line = ['cloud', 'call', '/demo', 'hello', '--batch', '-', '--async'];
      const { exit, stdout } = await desk.run(line, { stdin: '["Ann"]\n["Bob"]\n' });
      expect([exit, stdout]).toEqual([
        0,
        '✓ 1. was accepted as a\n✓ 2. was accepted as b\n  → The outcome of each: `p-cli cloud task <id> --wait`\n',
      ]);
      expect(server.seen[0]?.headers.prefer).toBe('respond-async');
      const json = await desk.run([...line, '--json'], { stdin: '["Ann"]\n["Bob"]\n' });
      expect(JSON.parse(json.stdout)).toEqual({ accepted });
    });
  });

  it('prints the outcomes of --batch as JSON, and refuses parameters beside it', () => {
    const one = { status: 200, success: true, data: 'Hello!', taskId: 'a' };
    return Desk.useWith({ 'POST /demo/hello': { text: `${JSON.stringify(one)}\n` } }, async (desk, server) => {
      const line = ['cloud', 'call', '/demo', 'hello', '--batch', '-'];
      const json = await desk.run([...line, '--json'], { stdin: '["Ann"]\n' });
      expect(JSON.parse(json.stdout)).toEqual({ replies: [one], failed: 0 });
      for (const beside of ['World', '--json-params', '--unknown']) {
        const { exit, stderr } = await desk.run([...line, beside], { stdin: '["Ann"]\n' });
        expect([exit, stderr.includes('With --batch every call has its own parameters')]).toEqual([1, true]);
      }
      expect(server.seen).toHaveLength(1);
    });
  });

  it('leaves everything behind -- to the agent', () =>
    Desk.useWith({ 'POST /demo': { body: reply } }, async (desk, server) => {
      await desk.run(['cloud', 'call', '/demo', 'echo', '--', '--json', '-d']);
      expect(server.seen[0]?.body).toEqual({ command: 'echo', params: ['--json', '-d'] });
    }));

  it('refuses a parameter that is no JSON, and a path that leads elsewhere, before it calls', () =>
    Desk.useWith({}, async (desk, server) => {
      const wrong = await desk.run(['cloud', 'call', '/demo', 'x', '--json-params', 'World']);
      expect(wrong.exit).toBe(1);
      expect(wrong.stderr).toContain('is no JSON value');
      expect((await desk.run(['cloud', 'call', '/../auth', 'x'])).exit).toBe(5);
      expect(server.seen).toEqual([]);
    }));

  it('tells what the handler left, and exits with the code of the catalogue', () =>
    Desk.useWith(
      {
        'POST /demo': {
          status: 500,
          body: {
            success: false,
            error: {
              code: 'HANDLER_FAILED',
              message: 'It ended with exit code 1.',
              hint: 'Look.',
              details: { stderr: 'boom' },
            },
            taskId: 't9',
          },
        },
      },
      async (desk) => {
        const human = await desk.run(['cloud', 'call', '/demo', 'x']);
        expect([human.exit, human.stdout]).toEqual([1, '']);
        expect(human.stderr).toContain('"stderr": "boom"');
        expect(human.stderr).toContain('✗ Call failed: It ended with exit code 1.');
        expect(human.stderr).toContain('→ Look.');
        const json = await desk.run(['cloud', 'call', '/demo', 'x', '--json']);
        expect(JSON.parse(json.stderr)).toMatchObject({
          error: { code: 'HANDLER_FAILED', taskId: 't9', details: { stderr: 'boom' } },
        });
      },
    ));
});

describe('task', () => {
  it('prints status and data of a client task', () =>
    Desk.useWith({ 'POST /demo': { body: { success: true, data: { n: 1 } } } }, async (desk) => {
      const { exit, stdout } = await desk.run(['client', 'task', 'demo', 'x']);
      expect([exit, stdout]).toEqual([0, 'Status: SUCCESS\nData:\n{\n  "n": 1\n}\n']);
    }));

  it('prints status and error of one that failed', () =>
    Desk.useWith({ 'POST /demo': refusal(404, 'COMMAND_NOT_FOUND', 'No command x.') }, async (desk) => {
      const { exit, stdout } = await desk.run(['client', 'task', 'demo', 'x']);
      expect([exit, stdout]).toEqual([5, 'Status: FAILED\nError: No command x.\n']);
    }));

  it('finds the agent of `run task` among the deployments', () =>
    Desk.useWith(
      {
        [`GET ${api('deployments')}`]: {
          body: {
            deployments: [
              { domain: 'x.org', path: '/d', agent: 'demo' },
              { domain: 'x.org', path: '/e', agent: 'twin' },
              { domain: 'y.org', path: '/e', agent: 'twin' },
            ],
          },
        },
        'POST /d': { body: { success: true, data: 'hi' } },
      },
      async (desk, server) => {
        const { exit, stdout } = await desk.run(['run', 'task', 'demo', 'hello', 'World']);
        expect([exit, stdout]).toEqual([0, 'Status: SUCCESS\nResult:\n"hi"\n']);
        expect(server.seen[1]).toMatchObject({ path: '/d', body: { command: 'hello', params: ['World'] } });
        expect(server.seen[1]?.headers.host).toBe('x.org');
        expect((await desk.run(['run', 'task', 'nobody', 'x'])).exit).toBe(5);
        const twice = await desk.run(['run', 'task', 'twin', 'x']);
        expect(twice.stderr).toContain('x.org/e, y.org/e');
      },
    ));
});

describe('batch', () => {
  it('makes every call, tells each result, and fails when one failed', () =>
    Desk.useWith(
      {
        'POST /demo': { body: { success: true, data: 'hi' } },
        'POST /bad': refusal(500, 'HANDLER_FAILED', 'It threw.'),
      },
      async (desk, server) => {
        const calls = [
          { path: '/demo', command: 'a', params: ['1'] },
          { agent: 'bad', command: 'b' },
          { path: '/demo', command: 'c', params: 'one' },
        ];
        await desk.write('calls.json', calls);
        const human = await desk.run(['cloud', 'batch', 'calls.json']);
        expect([human.exit, human.stdout]).toEqual([
          1,
          '✓ 1. /demo a "hi"\n✗ 2. bad b It threw.\n✓ 3. /demo c "hi"\n2 of 3 calls succeeded\n',
        ]);
        expect(server.seen[2]?.body).toEqual({ command: 'c', params: ['one'] });
        const json = await desk.run(['cloud', 'batch', '-', '--json'], { stdin: JSON.stringify(calls.slice(0, 1)) });
        expect(json.exit).toBe(0);
        expect(JSON.parse(json.stdout)).toEqual({
          results: [{ index: 0, success: true, result: { success: true, data: 'hi' } }],
          errors: [],
          success: true,
        });
      },
    ));

  it.each([
    ['{', 'this is no valid JSON'],
    ['{}', 'this is no JSON array'],
    ['[{"command":"x"}]', 'item 1 has no "path"'],
    ['[{"path":"/x"}]', 'item 1 has no "command"'],
  ])('names what is wrong with %s', (content, message) =>
    Desk.useWith({}, async (desk, server) => {
      await desk.write('calls.json', content);
      const { exit, stderr } = await desk.run(['cloud', 'batch', 'calls.json']);
      expect(exit).toBe(5);
      expect(stderr).toContain(`calls.json: ${message}`);
      expect(server.seen).toEqual([]);
    }),
  );

  it('stops where the server is away', () =>
    Desk.use(async (desk) => {
      await desk.write('calls.json', [{ path: '/x', command: 'y' }]);
      expect(
        (await desk.run(['cloud', 'batch', 'calls.json'], { env: { PLOINKY_SERVER_URL: '127.0.0.1:1' } })).exit,
      ).toBe(2);
    }));
});
