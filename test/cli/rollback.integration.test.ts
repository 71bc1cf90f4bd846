import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal, type Script } from './scripted-server.ts';

const commit = 'c'.repeat(40);
const plan = {
  deployment: 'localhost/demo',
  changedAt: 40,
  outcome: 'deploy',
  serving: 2,
  target: 1,
  release: 3,
  commit,
  subject: 'Say hello',
  repository: 'demos',
  url: 'https://h/demos',
  image: { reference: 'team/app:stable', digest: `sha256:${'d'.repeat(64)}`, imageId: `sha256:${'1'.repeat(64)}` },
  engine: 'docker',
  agent: 'demo',
  environment: ['GREETING'],
  secrets: { TOKEN: 2 },
  differences: [
    { what: 'commit', name: null, now: 'b'.repeat(40), after: commit },
    { what: 'environment', name: 'NEW', now: 'set', after: null },
    { what: 'secret', name: 'TOKEN', now: 'version 3', after: 'version 2' },
  ],
  volumes: ['orders'],
};
const begun = {
  status: 202,
  body: { success: true, outcome: 'deployed', release: 3, target: 1, seq: 41, trace: 'tr', plan },
};
const report = {
  deployment: 'localhost/demo',
  release: 3,
  target: 1,
  container: 'ploinky-localhost-demo-3-abc',
  containers: [{ name: 'ploinky-localhost-demo-3-abc', replica: 1, status: 'running' }],
  folder: null,
  engine: 'docker',
  status: 'running',
  commit,
  subject: 'Say hello',
  files: 2,
  image: plan.image,
  spec: 's',
  environment: ['GREETING', 'PLOINKY_PATH'],
  secrets: { TOKEN: 2 },
  volumes: ['orders'],
  differences: [] as object[],
  notes: [],
};
const routed = {
  seq: 50,
  id: 'e50',
  type: 'deployment.routed',
  v: 1,
  stream: 'deployment:localhost/demo',
  data: { release: 3, previous: 2 },
};

function server(more: Script = {}): Script {
  return {
    'POST /management/api/deployments/rollback': begun,
    'GET /management/api/history': {
      raw: (reply) =>
        reply.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(`${JSON.stringify(routed)}\n`),
    },
    'GET /management/api/deployments/running': { body: report },
    ...more,
  };
}

const command = ['cloud', 'rollback', 'localhost', '/demo'];

describe('rollback', () => {
  it('sends what was asked for, and ends with what the engine runs', () =>
    Desk.useWith(server(), async (desk, { seen }) => {
      const options = ['--to', '1', '--reason', 'wrong', '--secrets', 'now', '--expect-seq', '40'];
      const { exit, stdout, stderr } = await desk.run([...command, ...options]);
      expect(exit, stderr).toBe(0);
      expect(seen[0]).toMatchObject({
        query: { wait: 'false' },
        body: { domain: 'localhost', path: '/demo', to: '1', reason: 'wrong', secrets: 'now', expectSeq: 40 },
      });
      expect(stderr).toContain('Volumes are not restored (orders)');
      expect(stdout).toContain('✓ Rolled back localhost/demo to release 1, as release 3\n');
      expect(stdout).toMatch(/runs +ploinky-localhost-demo-3-abc on docker, running/);
      expect(stdout).toMatch(/secrets +TOKEN version 2/);
    }));

  it('gives programs one JSON document', () =>
    Desk.useWith(server(), async (desk) => {
      const { stdout } = await desk.run([...command, '--json']);
      expect(JSON.parse(stdout)).toMatchObject({ success: true, target: 1, release: 3, running: { commit } });
    }));

  it('fails where something else runs, and says what', () => {
    const differences = [{ what: 'image', expected: 'sha256:1', found: 'sha256:2' }];
    const other = { body: { ...report, differences } };
    return Desk.useWith(server({ 'GET /management/api/deployments/running': other }), async (desk) => {
      const { exit, stdout, stderr } = await desk.run(command);
      expect([exit, stdout]).toEqual([4, '']);
      expect(stderr).toContain(
        'What runs for localhost/demo is not what was asked for: image is sha256:2, not sha256:1.',
      );
    });
  });

  it('starts nothing where the same serves, and still says what runs', () => {
    const same = { status: 200, body: { ...begun.body, outcome: 'noop' } };
    return Desk.useWith(server({ 'POST /management/api/deployments/rollback': same }), async (desk, { seen }) => {
      const { exit, stdout, stderr } = await desk.run(command);
      expect(exit).toBe(0);
      expect(stdout).toMatch(/^✓ Release 3 serves already what release 1 was\n {2}runs +ploinky-localhost-demo-3-abc/);
      expect(stderr).toContain('Nothing was started.');
      expect(seen.map(({ path }) => path)).not.toContain('/management/api/history');
    });
  });

  it('shows with --dry-run what would differ, and asks for nothing', () =>
    Desk.useWith({ 'GET /management/api/past/rollback': { body: plan } }, async (desk, { seen }) => {
      const { exit, stdout } = await desk.run([...command, '--dry-run', '--to', '2h']);
      expect(exit).toBe(0);
      expect(seen.map(({ method, query }) => [method, query])).toEqual([
        ['GET', { deployment: 'localhost/demo', to: '2h' }],
      ]);
      expect(stdout).toMatch(/commit +bbbbbbbbbbbb → cccccccccccc/);
      expect(stdout).toMatch(/environment NEW +goes/);
      expect(stdout).toMatch(/secret TOKEN +version 3 → version 2/);
    }));

  it('shows what happened since, where something did', () => {
    const since = [{ ...routed, time: '2026-11-21T10:00:00.000Z', actor: 'admin', cause: null, trace: 't', hash: '' }];
    const changed = refusal(
      409,
      'CHANGED_SINCE',
      'localhost/demo changed after event 40: deployment.routed (event 50).',
    );
    const told = {
      ...changed,
      body: { ...(changed.body as object), error: { ...errorOf(changed.body), details: { since } } },
    };
    return Desk.useWith({ 'POST /management/api/deployments/rollback': told }, async (desk) => {
      const { exit, stderr } = await desk.run([...command, '--expect-seq', '40']);
      expect(exit).toBe(1);
      expect(stderr).toMatch(/Since then:\n2026-11-21 10:00:00 +50 {2}deployment\.routed +localhost\/demo#3 serves/);
    });
  });

  it.each([
    [['--secrets', 'later'], '--secrets takes then or now'],
    [['--expect-seq', 'x'], '--expect-seq takes the number of an event'],
    [['--dir', '.'], 'Only a running server can roll back'],
  ])('%j is refused before anything is asked', (options, message) =>
    Desk.useWith({}, async (desk, { seen }) => {
      const { exit, stderr } = await desk.run([...command, ...options]);
      expect(exit).not.toBe(0);
      expect(stderr).toContain(message);
      expect(seen).toEqual([]);
    }),
  );
});

function errorOf(body: unknown): object {
  return (body as { error: object }).error;
}
