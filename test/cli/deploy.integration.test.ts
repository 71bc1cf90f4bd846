import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal, type Script, type SeenRequest } from './scripted-server.ts';

const requested = {
  status: 202,
  body: {
    success: true,
    deployment: { domain: 'localhost', path: '/demo', agent: 'demo' },
    release: 2,
    seq: 10,
    trace: 'tr',
  },
};
const commit = 'c'.repeat(40);

type Step = readonly [type: string, stream: string, data: unknown];
const release = 'release:localhost/demo#2';
const container = 'container:ploinky-localhost-demo-2-abc';
const source: Step = [
  'release.sourceResolved',
  release,
  { repository: 'demos', branch: 'main', commit, subject: 'Say hello', manifest: { commands: { hello: 'x' } } },
];
const image: Step = ['release.imageResolved', release, { reference: null, imageId: null, digest: null }];
const installed: Step = ['release.installed', release, { durationMs: 3, log: null }];
const started: Step = ['container.started', container, { engineId: '1' }];
const healthyStep: Step = ['container.healthy', container, { transport: 'http', bootId: 'b', afterMs: 12 }];
const routed: Step = ['deployment.routed', 'deployment:localhost/demo', { release: 2, previous: 1 }];

const lines = (steps: readonly Step[], from: number) =>
  steps
    .map(
      ([type, stream, data], i) =>
        `${JSON.stringify({ seq: from + i, id: `e${from + i}`, type, stream, data, v: 1 })}\n`,
    )
    .join('');

/** Each connection gets the next part; all but the last are cut. */
function following(...parts: readonly (readonly Step[])[]): { script: Script; asked: SeenRequest[] } {
  const asked: SeenRequest[] = [];
  let next = 11;
  const history = (request: SeenRequest) => {
    const part = parts[asked.length] ?? [];
    asked.push(request);
    const from = next;
    next += part.length;
    return {
      raw: (reply: ServerResponse) => {
        reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
        const cut = asked.length < parts.length;
        reply.write(`\n${lines(part, from)}`, () => cut && reply.destroy());
      },
    };
  };
  return { script: { 'POST /management/api/deployments': requested, 'GET /management/api/history': history }, asked };
}

const command = ['cloud', 'deploy', 'localhost', '/demo', 'demo'];

describe('deploy', () => {
  it('shows each stage as it ends, and how to call what was deployed', () => {
    const { script, asked } = following([source, image, installed, started, healthyStep, routed]);
    return Desk.useWith(script, async (desk, server) => {
      const { exit, stdout, stderr } = await desk.run(command);
      expect([exit, stdout]).toEqual([0, "✓ Deployed 'demo' to localhost/demo\n"]);
      const ended = stderr.split('\n').filter((line) => line.includes('✓'));
      expect(ended.map((line) => line.replace(/ [\d.]+s$/, '').trim())).toEqual([
        '✓ source  demos cccccccc Say hello',
        '✓ image  none needed',
        '✓ install  done',
        '✓ start  ploinky-localhost-demo-2-abc',
        '✓ health  answers after 12 ms',
        '✓ route  serving',
      ]);
      const address = `http://localhost:${server.port}/demo`;
      expect(stderr).toContain(`-H 'Host: localhost' -d '{"params":["World"]}' ${server.url}/demo/hello`);
      expect(stderr).toContain(address);
      expect(asked[0]?.query).toEqual({
        deployment: 'localhost/demo',
        type: 'deployment.*,release.*,container.*',
        from: '10',
        follow: '1',
      });
      expect(server.seen[0]?.query).toEqual({ wait: 'false' });
      expect(server.seen[0]?.body).toEqual({ domain: 'localhost', path: '/demo', agent: 'demo' });
    });
  });

  it('of several containers ends a stage with the last of them, and names them', () => {
    const ofReplica = ([type, , data]: Step, replica: number): Step => [
      type,
      `container:ploinky-localhost-demo-2.${replica}-abc`,
      data,
    ];
    const containers = [started, ofReplica(started, 2), healthyStep, ofReplica(started, 3)];
    const answers = [ofReplica(healthyStep, 3), ofReplica(healthyStep, 2)];
    const { script } = following([source, image, installed, ...containers, ...answers, routed]);
    const body = { ...requested.body, deployment: { ...requested.body.deployment, replicas: 3 } };
    const three = { ...script, 'POST /management/api/deployments': { status: 202, body } };
    return Desk.useWith(three, async (desk, server) => {
      const { stderr } = await desk.run([...command, '--replicas', '3']);
      const ended = stderr.split('\n').filter((line) => line.includes('✓'));
      expect(ended.slice(-3).map((line) => line.replace(/ [\d.]+s$/, '').trim())).toEqual([
        '✓ start  ploinky-localhost-demo-2-abc, ploinky-localhost-demo-2.2-abc, ploinky-localhost-demo-2.3-abc',
        '✓ health  ploinky-localhost-demo-2-abc answers after 12 ms, ploinky-localhost-demo-2.3-abc answers after 12 ms, ploinky-localhost-demo-2.2-abc answers after 12 ms',
        '✓ route  serving',
      ]);
      expect(server.seen[0]?.body).toMatchObject({ replicas: 3 });
    });
  });

  it.each(['three', '-1', '1.5'])('with --replicas %s says what it takes', (replicas) =>
    Desk.use(async (desk) => {
      const { exit, stderr } = await desk.run([...command, `--replicas=${replicas}`]);
      expect([exit, stderr]).toEqual([1, expect.stringContaining('The number of replicas is a whole number')]);
    }),
  );

  it('warns of what is easily overlooked, before the long part begins', () => {
    const { script } = following([source, image, installed, started, healthyStep, routed]);
    const dropped = ['branch next', 'environment GREETING'];
    const body = { ...requested.body, engine: 'process', isolation: 'none', dropped };
    const warned = { ...script, 'POST /management/api/deployments': { status: 202, body } };
    return Desk.useWith(warned, async (desk) => {
      const { stderr } = await desk.run(command);
      const lines = stderr.split('\n');
      expect(lines[0]).toBe('! not given this time, so no longer set: branch next, environment GREETING');
      expect(lines[1]).toContain('✓ source');
      expect(lines[2]).toMatch(/^! Agents run as child processes .* no isolation/);
      const detached = await desk.run([...command, '--detach']);
      expect(detached.stderr).toContain('no isolation');
    });
  });

  it('speaks of isolation only where something runs', () => {
    const manifest = { commands: {}, static: { folder: '.' }, install: null };
    const site: Step = [source[0], release, { ...(source[2] as object), manifest }];
    const steps = [site, image, installed, routed];
    const { script } = following(steps);
    const again = following(steps).script;
    const body = { ...requested.body, engine: 'process', isolation: 'none' };
    const answers = { ...script, 'POST /management/api/deployments': { status: 202, body } };
    return Desk.useWith(answers, async (desk) => {
      expect((await desk.run(command)).stderr).not.toContain('no isolation');
    }).then(() =>
      Desk.useWith({ ...again, 'POST /management/api/deployments': { status: 202, body } }, async (desk) => {
        const json = await desk.run([...command, '--json']);
        expect([JSON.parse(json.stdout).isolation, json.stderr]).toEqual([null, '']);
      }),
    );
  });

  it('gives programs one JSON document', () => {
    const { script } = following([source, image, installed, started, healthyStep, routed]);
    return Desk.useWith(script, async (desk) => {
      const { stdout } = await desk.run([...command, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ success: true, deployment: 'localhost/demo', release: 2 });
    });
  });

  describe('while its stages speak', () => {
    const said = [
      { stage: 'image', line: 'abc: Downloading' },
      { stage: 'image', line: 'Status: Downloaded newer image' },
      { stage: 'install', line: 'added 1 package\u001b[2J' },
    ];
    const speaking = () => ({
      ...following([source, image, installed, started, healthyStep, routed]).script,
      'GET /management/api/deployments/progress': {
        raw: (reply: ServerResponse) => {
          reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
          reply.end(`\n${said.map((line) => `${JSON.stringify(line)}\n`).join('')}`);
        },
      },
    });

    it('shows their lines as text that no terminal obeys, before the stage that spoke ends', () =>
      Desk.useWith(speaking(), async (desk, server) => {
        const { exit, stderr } = await desk.run(command);
        expect(exit).toBe(0);
        expect(stderr).toContain('    added 1 package\\x1b[2J\n');
        expect(stderr).toContain('    Status: Downloaded newer image\n');
        expect(stderr).not.toContain('Downloading');
        expect(stderr.indexOf('added 1 package')).toBeLessThan(stderr.indexOf('✓ install'));
        const asked = server.seen.find(({ path }) => path.endsWith('/progress'));
        expect(asked?.query).toEqual({ deployment: 'localhost/demo', release: '2' });
      }));

    it('gives programs each line as one JSON object on stderr', () =>
      Desk.useWith(speaking(), async (desk) => {
        const { stdout, stderr } = await desk.run([...command, '--json']);
        expect(JSON.parse(stdout)).toMatchObject({ success: true });
        const lines = stderr.trimEnd().split('\n');
        expect(lines.map((line) => JSON.parse(line))).toEqual(said.map((progress) => ({ progress })));
      }));

    it('asks for a fresh install step with --no-cache', () =>
      Desk.useWith(speaking(), async (desk, server) => {
        await desk.run([...command, '--detach', '--no-cache']);
        await desk.run([...command, '--detach']);
        const bodies = server.seen
          .filter(({ method }) => method === 'POST')
          .map(({ body }) => body as { noCache?: true });
        expect(bodies.map(({ noCache }) => noCache)).toEqual([true, undefined]);
      }));
  });

  it('goes on where it was after the connection broke', () => {
    const { script, asked } = following([source, image], [installed, started, healthyStep, routed]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stderr } = await desk.run(command);
      expect(exit).toBe(0);
      expect(stderr).toContain('the server is away');
      expect(asked.map(({ query }) => query.from)).toEqual(['10', '13']);
    });
  });

  it('names the stage that failed, the last lines, the reason and what to do', () => {
    const exited: Step = [
      'container.exited',
      container,
      { exitCode: 1, signal: null, oomKilled: false, output: 'a\nboom\u001b[0m\n', reason: 'ended' },
    ];
    const problem = {
      code: 'EXITED_EARLY',
      message: 'The agent ended before it was healthy.',
      hint: 'Read its last lines.',
    };
    const failed: Step = ['release.failed', release, { stage: 'health', problem, log: null }];
    const { script } = following([source, image, installed, started, exited, failed]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stdout, stderr } = await desk.run(command);
      expect([exit, stdout]).toEqual([4, '']);
      expect(stderr).toContain('the container ended with exit code 1');
      expect(stderr).toContain('✗ health  failed');
      expect(stderr).toContain('    a\n    boom\\x1b[0m\n');
      expect(stderr).toContain('✗ The agent ended before it was healthy.\n');
      expect(stderr).toContain('→ Read its last lines.');
    });
  });

  it('that never gets healthy shows what the release itself wrote, not the one that serves on', () => {
    const problem = { code: 'NOT_HEALTHY', message: 'It was not well within 4000 ms.', hint: null };
    const failed: Step = ['release.failed', release, { stage: 'health', problem, log: null }];
    const { script } = following([source, image, installed, started, failed]);
    const output = ({ query }: SeenRequest) => ({
      raw: (reply: ServerResponse) => reply.end(query['release'] === '2' ? 'from two\n' : 'from one\n'),
    });
    return Desk.useWith({ ...script, 'GET /management/api/output': output }, async (desk) => {
      const { stderr } = await desk.run(command);
      expect(stderr).toContain('    from two\n');
    });
  });

  it('that fails with --json leaves nothing but the error as JSON on stderr', () => {
    const problem = { code: 'SOURCE_FAILED', message: 'It is not there.', hint: null };
    const exited: Step = [
      'container.exited',
      container,
      { exitCode: 1, signal: null, oomKilled: false, output: 'a\n', reason: 'ended' },
    ];
    const failed: Step = ['release.failed', release, { stage: 'health', problem, log: null }];
    const { script } = following([source, image, installed, started, exited, failed]);
    return Desk.useWith(script, async (desk) => {
      const { stdout, stderr } = await desk.run([...command, '--json']);
      expect(stdout).toBe('');
      expect(JSON.parse(stderr)).toMatchObject({ success: false, error: { message: 'It is not there.' } });
    });
  });

  it('says that a newer release took its place', () => {
    const { script } = following([source, ['release.retired', release, { reason: 'superseded by release 3' }]]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stderr } = await desk.run(command);
      expect(exit).toBe(1);
      expect(stderr).toContain('Release 2 of localhost/demo ended before it served: superseded by release 3.');
    });
  });

  it('says that the deployment was removed meanwhile', () => {
    const { script } = following([source, ['deployment.removed', 'deployment:localhost/demo', { reason: null }]]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stderr } = await desk.run(command);
      expect(exit).toBe(1);
      expect(stderr).toContain('Release 2 of localhost/demo ended before it served: the deployment was removed.');
    });
  });

  it('minds its own release and container alone', () => {
    const other: Step = ['release.failed', 'release:localhost/demo#1', { stage: 'source', problem: {}, log: null }];
    const last: Step = [
      'container.exited',
      'container:ploinky-localhost-demo-1-abc',
      { exitCode: 7, signal: null, oomKilled: false, output: '', reason: 'ended' },
    ];
    const { script } = following([other, source, image, last, installed, started, healthyStep, routed]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stderr } = await desk.run(command);
      expect(exit).toBe(0);
      expect(stderr).not.toContain('exit code 7');
    });
  });

  it('returns at once with --detach', () =>
    Desk.useWith({ 'POST /management/api/deployments': requested }, async (desk, server) => {
      const { exit, stdout } = await desk.run([...command, '--detach']);
      expect([exit, stdout]).toEqual([0, '✓ Release 2 of localhost/demo requested\n']);
      expect(server.seen).toHaveLength(1);
    }));

  it('stops watching with Ctrl-C and says that the release goes on', () => {
    const { script } = following([source]);
    const controller = new AbortController();
    return Desk.useWith(script, async (desk) => {
      const onOutput = (text: string) => text.includes('Say hello') && controller.abort();
      const { exit, stderr } = await desk.run(command, { signal: controller.signal, onOutput });
      expect(exit).toBe(130);
      expect(stderr).toContain('The release goes on in the server.');
    });
  });

  it('sends what options and --config say; options win', () =>
    Desk.useWith(
      { 'POST /management/api/deployments': refusal(404, 'AGENT_NOT_FOUND', 'No agent demo.') },
      async (desk, server) => {
        await desk.write('d.json', {
          branch: 'main',
          commit: 'abc',
          image: 'x:1',
          environment: { A: '1', B: '2' },
          transport: 'queue',
        });
        const options = [
          '--config',
          'd.json',
          '--branch',
          'next',
          '--env',
          'B=3',
          '-e',
          'C=x=y',
          '-e',
          'D=',
          '--repository',
          'r',
          '--command',
          'sh run.sh',
        ];
        const { exit } = await desk.run([...command, ...options]);
        expect(exit).toBe(5);
        expect(server.seen[0]?.body).toEqual({
          domain: 'localhost',
          path: '/demo',
          agent: 'demo',
          repository: 'r',
          branch: 'next',
          image: 'x:1',
          command: 'sh run.sh',
          transport: 'queue',
          environment: { A: '1', B: '3', C: 'x=y', D: '' },
        });
      },
    ));

  it.each([
    ['{"brnach":"x"}', 'there is no field "brnach"'],
    ['{"branch":1}', '"branch" is no string'],
    ['{"environment":{"A":1}}', '"environment" is no object of strings and {"secret": "NAME"}'],
    ['[]', 'this is no JSON object'],
  ])('refuses the configuration %s', (content, message) =>
    Desk.useWith({}, async (desk, server) => {
      await desk.write('d.json', content);
      const { exit, stderr } = await desk.run([...command, '--config', 'd.json']);
      expect(exit).toBe(5);
      expect(stderr).toContain(`d.json: ${message}.`);
      expect(server.seen).toEqual([]);
    }),
  );

  it.each([['NOVALUE'], ['=x'], ['A B=x']])('refuses --env %s', (pair) =>
    Desk.useWith({}, async (desk) => {
      const { exit, stderr } = await desk.run([...command, '--env', pair]);
      expect(exit).toBe(1);
      expect(stderr).toContain('--env takes KEY=VALUE');
    }),
  );
});
