import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';

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
              { name: 'y', about: '' },
            ],
          },
        },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'host', 'list'])).stdout).toBe('  localhost ✓\n  b ✗ disabled\n');
        expect((await desk.run(['cloud', 'list', 'hosts'])).stdout).toBe('  localhost ✓\n  b ✗ disabled\n');
        expect((await desk.run(['cloud', 'repo', 'list'])).stdout).toBe('  demos: https://x/y.git ✓\n');
        expect((await desk.run(['cloud', 'agent', 'list'])).stdout).toBe('  demo: Says hello\n  x: X\n  y\n');
        const json = await desk.run(['cloud', 'agent', 'list', '--json']);
        expect(JSON.parse(json.stdout).agents).toHaveLength(3);
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
      let terminal = true;
      const at = async (columns: number, ...options: string[]) => {
        const env = { COLUMNS: String(columns), NO_COLOR: '1', CI: '1' };
        const { stdout, stderr } = await desk.run(['cloud', 'deployments', ...options], { env, terminal });
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
      terminal = false;
      expect(await at(80)).toEqual({ line: all, stderr: '' });
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
      expect(
        shown({ failedRelease: 3, problem: { message: 'It ended. Its last lines:\n  /code/index.js:1\n  oops' } }),
      ).resolves.toMatch(/release 3 failed: It ended\.$/),
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
