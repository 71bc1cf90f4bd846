import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { healthy, refusal } from './scripted-server.ts';

const api = (route: string) => `/management/api/${route}`;

describe('status and health', () => {
  it('tells connection, login and counters', () =>
    Desk.useWith(
      {
        [`GET ${api('overview')}`]: {
          body: { totalRequests: 5, activeAgents: 1, errorRate: '0.00%', unauthorizedRequests: 2, uptime: 7_380_000 },
        },
      },
      async (desk, server) => {
        expect((await desk.run(['cloud', 'status'])).stdout).toBe(
          [
            `Connected to:    ${server.url}`,
            'Logged in as:    admin',
            'Total requests:  5',
            'Active agents:   1',
            'Error rate:      0.00%',
            'Unauthorized:    2',
            'Uptime:          2h 3m',
            '',
          ].join('\n'),
        );
      },
    ));

  it('shows a newest release that failed, and a pin, also as JSON', () => {
    const failed = { deployment: 'localhost/a', release: 4, serving: 3, code: 'INSTALL_FAILED', message: 'It broke.' };
    const pin = { deployment: 'localhost/b', target: 2, since: '2026-01-02T03:04:05.678Z' };
    const body = { failedReleases: [failed, { ...failed, deployment: 'localhost/c', serving: null }], pins: [pin] };
    return Desk.useWith({ [`GET ${api('overview')}`]: { body } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'status']);
      expect(stdout).toMatch(
        /Failed: +localhost\/a release 4, release 3 serves on: INSTALL_FAILED: It broke\.\n +→ p-cli cloud why localhost\/a#4\n/,
      );
      expect(stdout).toMatch(/Failed: +localhost\/c release 4: INSTALL_FAILED/);
      expect(stdout).toMatch(/Pinned: +localhost\/b to release 2 since 2026-01-02 03:04:05 UTC: pushes do nothing/);
      const { overview } = JSON.parse((await desk.run(['cloud', 'status', '--json'])).stdout);
      expect(overview).toMatchObject(body);
    });
  });

  it('leaves the last lines of a program to the command that shows all of them', () => {
    const message =
      'The agent ended with exit code 1 before it was healthy. Its last lines:\n  /a/path.js:1\n  SyntaxError';
    const failed = { deployment: 'localhost/a', release: 2, serving: null, code: 'EXITED_EARLY', message };
    const down = { deployment: 'localhost/b', state: 'down', reason: 'exited with code 0' };
    const loop = { deployment: 'localhost/c', reason: 'crash loop: ended 3 times in a row' };
    const body = { failedReleases: [failed], down: [down], crashLoops: [loop] };
    return Desk.useWith({ [`GET ${api('overview')}`]: { body } }, async (desk) => {
      const { stdout } = await desk.run(['cloud', 'status']);
      expect(stdout).toMatch(/before it was healthy\.\n +→ p-cli cloud why localhost\/a#2\n/);
      expect(stdout).toMatch(/Not up: +localhost\/b is down: exited with code 0\n +→ p-cli cloud why localhost\/b\n/);
      expect(stdout).toMatch(/Crash loop: +localhost\/c ended 3 times in a row\n +→ p-cli cloud why localhost\/c\n/);
      expect(stdout).not.toContain('path.js');
    });
  });

  it('says that nobody is logged in', () =>
    Desk.useWith({ [`GET ${api('overview')}`]: refusal(401, 'UNAUTHORIZED', 'No.') }, async (desk) => {
      const { exit, stdout } = await desk.run(['cloud', 'status']);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/Logged in as: +Not logged in\n {2}→ p-cli cloud login/);
    }));

  it('exits 2 where nothing answers, and says what to do', () =>
    Desk.use(async (desk) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: 'http://127.0.0.1:1' });
      const { exit, stderr } = await desk.run(['cloud', 'status']);
      expect(exit).toBe(2);
      expect(stderr).toContain('✗ Nothing answers at http://127.0.0.1:1 (connection refused).');
      expect(stderr).toContain('→ Start it with `p-cli cloud start`');
    }));

  it('reports health with and without a login', () =>
    Desk.useWith(
      { ...healthy, [`GET ${api('health')}`]: { body: { status: 'ok', agents: 3, engines: [] } } },
      async (desk) => {
        const { exit, stdout } = await desk.run(['cloud', 'health']);
        expect(exit).toBe(0);
        expect(stdout).toContain('status:   ok\n');
        expect(stdout).toContain('agents:   3\n');
        await desk.run(['cloud', 'connect', 'localhost:1']);
      },
    ));

  it('exits 1 while the server starts', () =>
    Desk.useWith(
      {
        'GET /health': { status: 503, body: { status: 'starting', phase: 'starting', version: '1' } },
        [`GET ${api('health')}`]: refusal(401, 'UNAUTHORIZED', 'No.'),
      },
      async (desk) => {
        const { exit, stdout } = await desk.run(['cloud', 'health', '--json']);
        expect(exit).toBe(1);
        expect(JSON.parse(stdout)).toEqual({ status: 'starting', phase: 'starting', version: '1' });
      },
    ));
});

describe('settings and config', () => {
  it('print JSON', () =>
    Desk.useWith(
      { [`GET ${api('settings')}`]: { body: { port: 8000 } }, [`GET ${api('config')}`]: { body: { domains: [] } } },
      async (desk) => {
        expect((await desk.run(['cloud', 'settings'])).stdout).toBe('{\n  "port": 8000\n}\n');
        expect((await desk.run(['cloud', 'settings', 'show'])).stdout).toBe('{\n  "port": 8000\n}\n');
        expect((await desk.run(['cloud', 'settings', 'get', 'port'])).stdout).toBe('8000\n');
        const { exit, stderr } = await desk.run(['cloud', 'settings', 'get', 'prot']);
        expect(exit).toBe(5);
        expect(stderr).toContain('There are: port.');
        expect((await desk.run(['cloud', 'config', 'export'])).stdout).toBe('{\n  "domains": []\n}\n');
      },
    ));

  it.each([
    ['logLevel', 'debug', 'debug'],
    ['port', '9000', 9000],
    ['git.allowLocal', 'true', true],
    ['serverName', '123', '123'],
  ])('sets %s to %s', (name, text, value) =>
    Desk.useWith({ [`POST ${api('settings')}`]: {} }, async (desk, server) => {
      expect((await desk.run(['cloud', 'settings', 'set', name, text])).stdout).toBe(`✓ Updated ${name} = ${text}\n`);
      expect(server.seen[0]?.body).toEqual({ [name]: value });
    }),
  );

  it('forgets the port that a server was started with where the setting is changed, and only there', () =>
    Desk.useWith({ [`POST ${api('settings')}`]: {} }, async (desk, server) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: server.url, askedPort: 9000 });
      await desk.run(['cloud', 'settings', 'set', 'logLevel', 'debug']);
      expect(await desk.json('.ploinky/cloud.json')).toHaveProperty('askedPort', 9000);
      await desk.run(['cloud', 'settings', 'set', 'port', '9001']);
      expect(await desk.json('.ploinky/cloud.json')).not.toHaveProperty('askedPort');
    }));

  it.each([
    ['workersCount', '4', true],
    ['bodyLimitBytes', '2000000', true],
    ['port', '9000', true],
    ['maxQueuedTasks', '10', false],
  ])('says of %s = %s whether it waits for the next start: %s', (name, text, waits) =>
    Desk.useWith({ [`POST ${api('settings')}`]: {} }, async (desk) => {
      const { stderr } = await desk.run(['cloud', 'settings', 'set', name, text]);
      expect(stderr.includes('counts from the next start')).toBe(waits);
    }),
  );

  it('exits 5 for a value that the server refuses, with its hint', () =>
    Desk.useWith(
      {
        [`POST ${api('settings')}`]: refusal(
          400,
          'INVALID_SETTING',
          '"loud" does not fit logLevel.',
          'It takes: error, warn.',
        ),
      },
      async (desk) => {
        const { exit, stderr } = await desk.run(['cloud', 'settings', 'set', 'logLevel', 'loud']);
        expect(exit).toBe(5);
        expect(stderr).toContain('✗ "loud" does not fit logLevel.');
        expect(stderr).toContain('→ It takes: error, warn.');
      },
    ));
});

describe('logs', () => {
  it('prints lines, and parses them for programs', () =>
    Desk.useWith({ [`GET ${api('logs')}`]: { text: '{"level":"info"}\nplain\u001b[31m\n' } }, async (desk, server) => {
      expect((await desk.run(['cloud', 'logs'])).stdout).toBe('{"level":"info"}\nplain\\x1b[31m\n');
      expect(server.seen[0]?.query).toEqual({});
      const json = await desk.run(['cloud', 'logs', '20', '--json']);
      expect(JSON.parse(json.stdout)).toEqual({ lines: [{ level: 'info' }, 'plain\u001b[31m'] });
      expect(server.seen[1]?.query).toEqual({ lines: '20' });
    }));

  it('prints what a deployment wrote', () =>
    Desk.useWith({ [`GET ${api('output')}`]: { text: 'ready\n' } }, async (desk, server) => {
      expect((await desk.run(['cloud', 'logs', '--deployment', 'localhost/demo'])).stdout).toBe('ready\n');
      expect(server.seen[0]?.query).toEqual({ deployment: 'localhost/demo', lines: '100' });
      await desk.run(['cloud', 'logs', '5', '--deployment', 'localhost/demo', '--release', '#3']);
      expect(server.seen[1]?.query).toEqual({ deployment: 'localhost/demo', lines: '5', release: '3' });
      expect((await desk.run(['cloud', 'logs', '--release', '3'])).exit).toBe(1);
    }));

  it('lists days and saves one', () =>
    Desk.useWith(
      {
        [`GET ${api('logs/list')}`]: { body: { dates: ['2026-11-20', '2026-11-21'] } },
        [`GET ${api('logs/download')}`]: { bytes: Buffer.from([31, 139, 8]) },
      },
      async (desk, server) => {
        expect((await desk.run(['cloud', 'logs', 'list'])).stdout).toBe('2026-11-20\n2026-11-21\n');
        expect((await desk.run(['cloud', 'logs', 'download', '2026-11-21'])).stdout).toBe(
          '✓ Saved p-cloud-2026-11-21.log.gz\n',
        );
        expect(server.seen[1]?.query).toEqual({ date: '2026-11-21' });
        expect([...(await readFile(join(desk.folder, 'p-cloud-2026-11-21.log.gz')))]).toEqual([31, 139, 8]);
      },
    ));

  it('leaves no half file where the connection breaks', () =>
    Desk.useWith(
      {
        [`GET ${api('logs/download')}`]: {
          raw: (reply) => {
            reply.writeHead(200, { 'content-length': '100' });
            reply.write('abc', () => reply.destroy());
          },
        },
      },
      async (desk) => {
        expect((await desk.run(['cloud', 'logs', 'download', '2026-11-21'])).exit).not.toBe(0);
        await expect(readFile(join(desk.folder, 'p-cloud-2026-11-21.log.gz'))).rejects.toThrow('ENOENT');
        await expect(readFile(join(desk.folder, 'p-cloud-2026-11-21.log.gz.part'))).rejects.toThrow('ENOENT');
      },
    ));

  it('prints what containers wrote, and what a terminal would obey as text', () => {
    const line = (text: string, stream = 'stdout', replica = 1) =>
      JSON.stringify({ release: 3, replica, time: '2026-11-21T10:00:00.123456789Z', stream, text, place: '3.1:1:9' });
    const lines = [line('3.1 started', 'ploinky'), line('a \u001b[31m', 'stderr'), line('b', 'stdout', 2)].join('\n');
    return Desk.useWith({ [`GET ${api('logs/containers')}`]: { text: `${lines}\n` } }, async (desk, server) => {
      const when = '2026-11-21 10:00:00.123';
      const all = `${when} #3 — 3.1 started —\n${when} #3 ! a \\x1b[31m\n${when} #3.2   b\n`;
      expect((await desk.run(['cloud', 'logs', 'localhost/demo'])).stdout).toBe(all);
      expect(server.seen.at(-1)?.query).toEqual({ deployment: 'localhost/demo', lines: '100' });
      const words = ['/demo', '--since', '10m', '--grep', 'a?', '--release', '#3', '--replica', '2', '--stderr'];
      await desk.run(['cloud', 'logs', ...words]);
      const query = { deployment: '/demo', release: '3', replica: '2', since: '10m', stream: 'stderr', contains: 'a?' };
      expect(server.seen.at(-1)?.query).toEqual(query);
      const found = await desk.run(['cloud', 'logs', 'localhost/demo', '--grep', '/^A/i', '--json']);
      expect(JSON.parse(found.stdout)).toMatchObject({ text: 'a \u001b[31m', stream: 'stderr' });
      expect(server.seen.at(-1)?.query).not.toHaveProperty('contains');
    });
  });

  it('follows over a server that breaks off, behind all that it had told of', () => {
    const line = (n: number, place: string) =>
      `${JSON.stringify({ release: 2, replica: 1, time: '2026-11-21T10:00:00.000000000Z', stream: 'stdout', text: `line ${n}`, place })}\n`;
    const stop = new AbortController();
    let asked = 0;
    const answer = () => {
      asked += 1;
      if (asked > 1) return { text: line(2, '2.1:1:60') };
      return {
        raw: (reply: ServerResponse) => {
          reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
          reply.write(`${line(1, '2.1:1:30')}${JSON.stringify({ places: ['1.1:1:99', '2.1:1:30'] })}\n`, () =>
            reply.destroy(),
          );
        },
      };
    };
    return Desk.useWith({ [`GET ${api('logs/containers')}`]: answer }, async (desk, server) => {
      const onOutput = (text: string) => (text.includes('line 2') ? stop.abort() : undefined);
      const words = ['cloud', 'logs', '/demo', '-f', '--lines', '5'];
      const { stdout, stderr } = await desk.run(words, { signal: stop.signal, onOutput });
      expect(stdout.match(/line \d/g)).toEqual(['line 1', 'line 2']);
      expect(stderr).toContain('waiting for it');
      expect(server.seen.map(({ query }) => query)).toEqual([
        { deployment: '/demo', lines: '5', follow: '1' },
        { deployment: '/demo', after: '2.1:1:30,1.1:1:99', follow: '1' },
      ]);
    });
  });

  it('ends a pattern that would take for ever', () => {
    const text = JSON.stringify({
      release: 1,
      replica: 1,
      time: '',
      stream: 'stdout',
      text: `${'a'.repeat(40)}!`,
      place: '1.1:1:9',
    });
    return Desk.useWith({ [`GET ${api('logs/containers')}`]: { text: `${text}\n` } }, async (desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'logs', '/demo', '--grep', '/^(a+)+$/']);
      expect(exit).toBe(1);
      expect(stderr).toContain('takes more than 1000 ms');
    });
  });

  it.each([
    ['--since', 'yesterday'],
    ['--lines', '-1'],
    ['--lines', '10001'],
    ['--release', 'x'],
    ['--grep', '/(/'],
  ])('takes no %s %s', (option, value) =>
    Desk.useWith({}, async (desk, server) => {
      expect((await desk.run(['cloud', 'logs', '/demo', `${option}=${value}`])).exit).toBe(1);
      expect((await desk.run(['cloud', 'logs', `${option}=${value}`])).exit).toBe(1);
      expect(server.seen).toEqual([]);
    }),
  );

  it.each([['0'], ['x'], ['5001']])('takes no %s lines', (count) =>
    Desk.useWith({}, async (desk, server) => {
      expect((await desk.run(['cloud', 'logs', count])).exit).toBe(1);
      expect(server.seen).toEqual([]);
    }),
  );

  it('takes no day that is none', () =>
    Desk.useWith({}, async (desk) => {
      expect((await desk.run(['cloud', 'logs', 'download', '../x'])).exit).toBe(1);
    }));
});

describe('metrics', () => {
  it('summarises calls by agent', () =>
    Desk.useWith(
      {
        [`GET ${api('metrics')}`]: {
          body: {
            totalRequests: 3,
            errorRate: '0.00%',
            agents: { demo: { count: 3, avgDuration: '1.50', minDuration: 1, maxDuration: 2, errorRate: '0.00%' } },
          },
        },
      },
      async (desk, server) => {
        const { stdout } = await desk.run(['cloud', 'metrics']);
        expect(stdout).toContain('Last 24h\n  Total requests:  3\n');
        expect(stdout).toContain('  demo      3     1.50    1    2   0.00%\n');
        expect(server.seen[0]?.query).toEqual({ range: '24h' });
      },
    ));

  it('takes no range that is none', () =>
    Desk.useWith({}, async (desk) => {
      expect((await desk.run(['cloud', 'metrics', 'often'])).exit).toBe(1);
    }));
});

describe('client', () => {
  it('has a server of its own after client connect', () =>
    Desk.useWith(healthy, async (desk, server) => {
      await desk.write('.ploinky/cloud.json', { serverUrl: 'http://elsewhere:1', authToken: 'tok' });
      await desk.run(['client', 'connect', server.url]);
      expect(await desk.json('.ploinky/client.json')).toEqual({ serverUrl: server.url });
      expect((await desk.run(['client', 'status'])).stdout).toBe(`✓ ${server.url} is ready\n`);
      await desk.run(['client', 'list']);
      expect(server.seen.at(-1)).toMatchObject({ path: api('deployments') });
      expect(server.seen.at(-1)?.headers.cookie).toBeUndefined();
    }));

  it('lists the commands that a manifest declares', () =>
    Desk.useWith(
      {
        [`GET ${api('state')}`]: {
          body: {
            state: {
              deployments: {
                'a/demo': { id: 'a/demo', domain: 'a', path: '/demo', routed: 1 },
                'x/demo': { id: 'x/demo', domain: 'x', path: '/demo', routed: 2 },
                'localhost/own': { id: 'localhost/own', domain: 'localhost', path: '/own', routed: 1 },
              },
              releases: {
                'localhost/own#1': { source: { manifest: { commands: { mine: 'm' } } } },
                'x/demo#2': { source: { manifest: { commands: { hello: 'h', bye: 'b' } } } },
              },
            },
          },
        },
      },
      async (desk) => {
        expect((await desk.run(['client', 'methods', 'demo', '--host', 'x'])).stdout).toBe('  hello\n  bye\n');
        expect((await desk.run(['client', 'methods', 'own'])).stdout).toBe('  mine\n');
        for (const words of [['/none'], ['/demo'], []]) {
          const { exit, stderr } = await desk.run(['client', 'methods', ...words]);
          expect(exit).toBe(5);
          expect(stderr).toContain('p-cli client list');
        }
      },
    ));

  it('tells of one agent whether it answers, rather than of the server', () => {
    const up = { domain: 'localhost', path: '/demo', agent: 'demo', status: 'active' };
    const down = { ...up, path: '/down', condition: { state: 'down', reason: 'vanished', retryInMs: 900 } };
    const script = { ...healthy, [`GET ${api('deployments')}`]: { body: { deployments: [up, down] } } };
    return Desk.useWith(script, async (desk) => {
      const status = async (path: string) => {
        const { exit, stdout } = await desk.run(['client', 'status', path]);
        return [exit, stdout];
      };
      expect(await status('demo')).toEqual([0, '✓ localhost/demo -> demo [active]\n']);
      expect(await status('/down')).toEqual([1, '✗ localhost/down -> demo [down: vanished, starts again in 1 s]\n']);
      expect(await status('/nope')).toEqual([5, '']);
    });
  });

  it('asks what became of a task', () =>
    Desk.useWith({ [`GET ${api('tasks/t1')}`]: { body: { taskId: 't1', state: 'running' } } }, async (desk) => {
      expect(JSON.parse((await desk.run(['client', 'task-status', 't1'])).stdout)).toEqual({
        taskId: 't1',
        state: 'running',
      });
    }));
});
