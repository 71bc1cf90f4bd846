import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal } from './scripted-server.ts';

const api = (route: string) => `/management/api/${route}`;

describe('hosts, repositories and agents', () => {
  it('adds, removes, enables and disables a host', () =>
    Desk.useWith(
      {
        [`POST ${api('domains')}`]: {},
        [`DELETE ${api('domains/a.example')}`]: {},
        [`POST ${api('domains/a.example/enable')}`]: {},
        [`POST ${api('domains/a.example/disable')}`]: {},
      },
      async (desk, server) => {
        expect((await desk.run(['cloud', 'host', 'add', 'a.example'])).stdout).toBe("✓ Host 'a.example' added\n");
        expect(server.seen[0]?.body).toEqual({ name: 'a.example', enabled: true });
        expect(server.seen[0]?.headers.cookie).toBe('authorizationToken=tok');
        for (const verb of ['remove', 'enable', 'disable']) {
          expect((await desk.run(['cloud', 'host', verb, 'a.example'])).exit).toBe(0);
        }
        expect(server.seen.map(({ method, path }) => `${method} ${path}`).slice(1)).toEqual([
          `DELETE ${api('domains/a.example')}`,
          `POST ${api('domains/a.example/enable')}`,
          `POST ${api('domains/a.example/disable')}`,
        ]);
      },
    ));

  it('lists hosts, repositories and agents in the known forms', () =>
    Desk.useWith(
      {
        [`GET ${api('domains')}`]: {
          body: {
            domains: [
              { name: 'localhost', enabled: true },
              { name: 'b', enabled: false },
            ],
          },
        },
        [`GET ${api('repositories')}`]: {
          body: { repositories: [{ name: 'demos', url: 'https://x/y.git', enabled: true }] },
        },
        [`GET ${api('agents')}`]: {
          body: {
            agents: [
              { name: 'demo', about: 'Says hello' },
              { name: 'x', description: 'X' },
            ],
          },
        },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'host', 'list'])).stdout).toBe('  localhost ✓\n  b ✗ disabled\n');
        expect((await desk.run(['cloud', 'list', 'hosts'])).stdout).toBe('  localhost ✓\n  b ✗ disabled\n');
        expect((await desk.run(['cloud', 'repo', 'list'])).stdout).toBe('  demos: https://x/y.git ✓\n');
        expect((await desk.run(['cloud', 'agent', 'list'])).stdout).toBe('  demo: Says hello\n  x: X\n');
        const json = await desk.run(['cloud', 'agent', 'list', '--json']);
        expect(JSON.parse(json.stdout).agents).toHaveLength(2);
      },
    ));

  it('tells agents of one name apart by their repositories', () => {
    const agents = [
      { name: 'shop', about: 'sells', repository: 'a' },
      { name: 'shop', about: 'sells', repository: 'b' },
      { name: 'demo', about: 'greets', repository: 'b' },
    ];
    return Desk.useWith({ [`GET ${api('agents')}`]: { body: { agents } } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'agent', 'list']);
      expect(stdout).toBe('  shop of a: sells\n  shop of b: sells\n  demo: greets\n');
    });
  });

  it('adds a repository and says how many agents it holds', () =>
    Desk.useWith(
      { [`POST ${api('repositories')}`]: { body: { success: true, repository: { name: 'r', agents: [{}, {}] } } } },
      async (desk, server) => {
        const { stdout } = await desk.run(['cloud', 'repo', 'add', 'r', 'https://x/y', '--branch', 'next', '--keep']);
        expect(stdout).toBe("✓ Repository 'r' added (2 agents)\n");
        expect(server.seen[0]?.body).toEqual({
          name: 'r',
          url: 'https://x/y',
          enabled: true,
          branch: 'next',
          check: 'keep',
        });
      },
    ));

  it('takes a relative path from the folder it was typed in', () =>
    Desk.useWith(
      { [`POST ${api('repositories')}`]: { body: { success: true, repository: { name: 'r', agents: [] } } } },
      async (desk, server) => {
        await desk.run(['cloud', 'repo', 'add', 'r', './agents.git']);
        expect(server.seen[0]?.body).toMatchObject({ url: `${desk.folder}/agents.git` });
      },
    ));

  it('does not call a repository added that could not be read, unless it was to be kept', () => {
    const problem = { code: 'GIT_UNREACHABLE', message: 'It cannot be reached.', hint: 'Check the network.' };
    const answer = { body: { success: true, repository: { name: 'r', agents: [], problem } } };
    return Desk.useWith({ [`POST ${api('repositories')}`]: answer }, async (desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'repo', 'add', 'r', 'https://x/y']);
      expect([exit, stdout]).toEqual([2, '']);
      expect(stderr).toContain('✗ It cannot be reached.');
      expect(stderr).toContain('→ Check the network.');
      const kept = await desk.run(['cloud', 'repo', 'add', 'r', 'https://x/y', '--keep']);
      expect(kept.exit).toBe(0);
      expect(kept.stderr).toContain('It is kept, but could not be read');
    });
  });

  it('syncs one repository, or all', () =>
    Desk.useWith(
      {
        [`GET ${api('repositories')}`]: { body: { repositories: [{ name: 'a' }, { name: 'b' }] } },
        [`POST ${api('repositories/a/sync')}`]: { body: { success: true } },
        [`POST ${api('repositories/b/sync')}`]: { body: { success: true, agents: [{}] } },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'repo', 'update', 'a'])).stdout).toBe("✓ Repository 'a' synced\n");
        expect((await desk.run(['cloud', 'repo', 'sync'])).stdout).toBe(
          "✓ Repository 'a' synced\n✓ Repository 'b' synced (1 agent)\n",
        );
      },
    ));

  it('makes what a server sends visible instead of obeying it', () =>
    Desk.useWith(
      { [`GET ${api('agents')}`]: { body: { agents: [{ name: 'x\u001b[2J', about: 'a\nb\u009b1m\u202e' }] } } },
      async (desk) => {
        const { stdout } = await desk.run(['cloud', 'agent', 'list'], { terminal: true });
        expect(stdout).toBe('  x\\x1b[2J: a\\nb\\x9b1m\\u202e\n');
        const json = await desk.run(['cloud', 'agent', 'list', '--json']);
        expect(json.stdout).not.toMatch(/[\u001b\u009b\u202e]/);
        expect(JSON.parse(json.stdout).agents[0].name).toBe('x\u001b[2J');
      },
    ));
});

describe('deployments', () => {
  it('are listed in aligned columns', () =>
    Desk.useWith(
      {
        [`GET ${api('deployments')}`]: {
          body: {
            deployments: [
              {
                domain: 'localhost',
                path: '/demo',
                agent: 'demo',
                status: 'active',
                release: 12,
                commit: 'a'.repeat(40),
                engine: 'process',
              },
              {
                domain: 'x.org',
                path: '/',
                agent: 'shop',
                status: 'failed',
                release: 1,
                commit: null,
                engine: 'docker',
                problem: { message: 'No image.' },
              },
            ],
          },
        },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'deployments'])).stdout).toBe(
          [
            '  localhost/demo -> demo [active]  release 12  aaaaaaaa  process',
            '  x.org/ -> shop [failed]          release 1             docker   No image.',
            '',
          ].join('\n'),
        );
      },
    ));

  it('fit the screen: what is less important is left out or cut, unless --wide or --json asks for all', () => {
    const one = { domain: 'localhost', path: '/shop', agent: 'shop', status: 'active', release: 12, isolation: 'none' };
    const watch = { repository: 'shops', branch: 'main', rests: 'pinned by the rollback to release 4' };
    const problem = { message: `Nothing answered: ${'dial '.repeat(30)}` };
    const more = { commit: 'a'.repeat(40), engine: 'process', failedRelease: 13, problem, watch };
    const script = { [`GET ${api('deployments')}`]: { body: { deployments: [{ ...one, ...more }] } } };
    return Desk.useWith(script, async (desk) => {
      const at = async (columns: number, ...options: string[]) => {
        const env = { COLUMNS: String(columns) };
        const { stdout, stderr } = await desk.run(['cloud', 'deployments', ...options], { env });
        return { line: stdout.replace(/\n$/, ''), stderr };
      };
      const { line: all, stderr: nothing } = await at(400);
      expect(all).toContain('watch rests: pinned by the rollback to release 4');
      expect([all.length > 200, nothing]).toEqual([true, '']);
      const lines = await Promise.all([200, 160, 120, 100, 80, 50, 30].map((columns) => at(columns)));
      expect(lines.map(({ line }) => line.length)).toEqual([200, 160, 120, 100, 80, 45, 30]);
      expect(lines[0]?.line).toContain('process (no isolation)');
      expect(lines[1]?.line).not.toContain('process');
      expect(lines[3]?.line).toMatch(/ -> shop \[active\] {2}release 12 {2}aaaaaaaa {2}release 13 failed: Nothing/);
      expect(lines[4]?.line).toMatch(/^ {2}localhost\/shop -> shop \[active\] {2}release 12 {2}release 13 .*…$/);
      expect(lines[5]?.line).toMatch(/^ {2}localhost\/shop -> shop \[active\] {2}release 12/);
      for (const { stderr } of lines) expect(stderr).toContain('--wide');
      expect(await at(80, '--wide')).toEqual({ line: all, stderr: '' });
      expect(JSON.parse((await at(80, '--json')).line)).toEqual({ deployments: [{ ...one, ...more }] });
    });
  });

  it('that do not answer say so, why, and when they start again', () => {
    const row = { domain: 'localhost', path: '/demo', agent: 'demo', status: 'active', release: 2, isolation: 'none' };
    const shown = (more: object) => {
      const script = { [`GET ${api('deployments')}`]: { body: { deployments: [{ ...row, ...more }] } } };
      let line = '';
      return Desk.useWith(script, async (desk) => {
        line = (await desk.run(['cloud', 'deployments'])).stdout.trim().replace(/ {2,}/g, '  ');
      }).then(() => line);
    };
    const down = { state: 'down', reason: 'exited with code 1', retryInMs: 11_300 };
    const problem = { message: `npm ended with 1:\n${'x'.repeat(1000)}` };
    const up = { state: 'up', reason: null, retryInMs: null };
    const containers = [
      { name: 'a', replica: 1, condition: up },
      { name: 'b', replica: 2, condition: down },
    ];
    return Promise.all([
      expect(shown({ condition: up, replicas: 2, healthy: 2, engine: 'docker', isolation: 'container' })).resolves.toBe(
        'localhost/demo -> demo [active]  release 2, 2/2 healthy  docker',
      ),
      expect(
        shown({ condition: up, replicas: 2, healthy: 1, containers, engine: 'docker', isolation: 'container' }),
      ).resolves.toBe(
        'localhost/demo -> demo [active]  release 2, 1/2 healthy  docker  ' +
          'replica 2 is down: exited with code 1, starts again in 12 s',
      ),
      expect(shown({ condition: { state: 'up', reason: null, retryInMs: null }, engine: 'process' })).resolves.toBe(
        'localhost/demo -> demo [active]  release 2  process (no isolation)',
      ),
      expect(shown({ condition: down, isolation: 'container' })).resolves.toContain(
        '[down: exited with code 1, starts again in 12 s]',
      ),
      expect(shown({ condition: { state: 'starting', reason: null, retryInMs: null } })).resolves.toContain(
        '[starting]',
      ),
      expect(shown({ condition: { state: 'unhealthy', reason: 'It is mute.', retryInMs: 0 } })).resolves.toContain(
        '[unhealthy: It is mute., is asked again now]',
      ),
      expect(shown({ failedRelease: 3, problem })).resolves.toMatch(/release 3 failed: npm ended with 1: x{40,90}…$/),
    ]);
  });

  it('default to the status active and say what to do when there are none', () =>
    Desk.useWith({ [`GET ${api('deployments')}`]: { body: { deployments: [] } } }, async (desk) => {
      expect((await desk.run(['cloud', 'deployments'])).stdout).toContain('p-cli cloud deploy');
    }));

  it('are removed by host and path', () =>
    Desk.useWith({ [`DELETE ${api('deployments')}`]: {} }, async (desk, server) => {
      const { stdout } = await desk.run(['cloud', 'undeploy', 'localhost', 'demo']);
      expect(stdout).toBe('✓ Undeployed localhost/demo\n');
      expect(server.seen[0]?.body).toEqual({ domain: 'localhost', path: '/demo' });
      expect(server.seen[0]?.headers['content-length']).toBe('37');
    }));
});

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
      expect([exit, stdout]).toEqual([1, 'Status: FAILED\nError: No command x.\n']);
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

describe('destroy', () => {
  it('does nothing without --yes where nobody can be asked', () =>
    Desk.useWith({}, async (desk, server) => {
      const { exit, stderr } = await desk.run(['cloud', 'destroy', 'all']);
      expect(exit).toBe(1);
      expect(stderr).toContain('--yes');
      expect(server.seen).toEqual([]);
    }));

  it('says what was removed, and exits 4 where something was not', () =>
    Desk.useWith(
      {
        [`POST ${api('stopAndDeleteAll')}`]: {
          body: { success: false, removed: ['c1', 'c2'], errors: [{ containerName: 'c3', error: 'busy' }] },
        },
      },
      async (desk) => {
        const { exit, stdout, stderr } = await desk.run(['cloud', 'destroy', 'agents', '-y']);
        expect([exit, stdout]).toEqual([4, '  c1\n  c2\n✓ 2 containers removed\n']);
        expect(stderr).toContain('✗ c3: busy');
      },
    ));
});
