import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Desk } from './desk.ts';
import { refusal, type Script } from './scripted-server.ts';

const nameOf = (replica: number) => `ploinky-localhost-demo-1.${replica}-abc`;
const scaled = (more: object = {}) => ({
  status: 202,
  body: {
    success: true,
    deployment: { domain: 'localhost', path: '/demo' },
    previous: 1,
    starting: [nameOf(2), nameOf(3)],
    stopping: [],
    seq: 10,
    trace: 'tr',
    ...more,
  },
});

type Step = readonly [type: string, stream: string, data: unknown];
const ofContainer = (replica: number, type: string, data: object = {}): Step => [
  `container.${type}`,
  `container:${nameOf(replica)}`,
  data,
];
const answers = (replica: number) => ofContainer(replica, 'healthy', { transport: 'http', bootId: 'b', afterMs: 12 });
const own: Step = ['deployment.scaled', 'deployment:localhost/demo', { replicas: 3, previous: 1 }];

/** The answer, and the events from that of the scaling on; the stream stays open. */
function following(answer: ReturnType<typeof scaled>, steps: readonly Step[]): Script {
  const lines = steps.map(([type, stream, data], i) => {
    return `${JSON.stringify({ seq: 10 + i, id: `e${i}`, type, stream, data, v: 1, trace: 'tr' })}\n`;
  });
  const history = () => ({
    raw: (reply: ServerResponse) => {
      reply.writeHead(200, { 'content-type': 'application/x-ndjson' });
      reply.write(`\n${lines.join('')}`);
    },
  });
  return { 'POST /management/api/deployments/scale': answer, 'GET /management/api/history': history };
}

const command = ['cloud', 'scale', 'localhost', '/demo', '3'];
const ended = (stderr: string) =>
  stderr
    .split('\n')
    .filter((line) => /✓|✗/.test(line))
    .map((line) => line.replace(/ [\d.]+s$/, '').trim());

describe('scale', () => {
  it('shows each container that answers, and ends with the last', () => {
    const script = following(scaled(), [own, ofContainer(2, 'started'), answers(3), answers(2)]);
    return Desk.useWith(script, async (desk, server) => {
      const { exit, stdout, stderr } = await desk.run(command);
      expect([exit, stdout]).toEqual([0, '✓ localhost/demo runs in 3 replicas, 1 before\n']);
      expect(ended(stderr)).toEqual([3, 2].map((n) => `✓ start  ${nameOf(n)} answers after 12 ms`));
      expect(server.seen[0]).toMatchObject({
        query: { wait: 'false' },
        body: { domain: 'localhost', path: '/demo', replicas: 3 },
      });
    });
  });

  it('down shows each container that is gone', () => {
    const answer = scaled({ previous: 3, starting: [], stopping: [nameOf(2), nameOf(3)] });
    const script = following(answer, [own, ofContainer(3, 'removed'), ofContainer(2, 'removed')]);
    return Desk.useWith(script, async (desk) => {
      const { exit, stdout, stderr } = await desk.run([...command.slice(0, 4), '1', '--json']);
      expect(exit, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        success: true,
        replicas: 1,
        previous: 3,
        stopped: [nameOf(2), nameOf(3)],
      });
    });
  });

  it('tells which container failed, and that it is tried again', () => {
    const exit = { exitCode: 7, signal: null, oomKilled: false, output: 'sulking\n', reason: 'ended' } as const;
    const script = following(scaled(), [own, answers(3), ofContainer(2, 'exited', exit)]);
    return Desk.useWith(script, async (desk) => {
      const { exit: code, stderr } = await desk.run(command);
      expect(code).toBe(4);
      expect(stderr).toContain(`${nameOf(2)} ended with exit code 7. It wrote "sulking". It is tried again.`);
    });
  });

  it.each([
    [['deployment.scaled', 'deployment:localhost/demo', { replicas: 2, previous: 3 }], 'was scaled to 2 meanwhile'],
    [['deployment.removed', 'deployment:localhost/demo', { reason: null }], 'was removed meanwhile'],
  ] as const)('ends when somebody else decides otherwise: %j', (step, said) =>
    Desk.useWith(following(scaled(), [own, step]), async (desk) => {
      const { exit, stderr } = await desk.run(command);
      expect([exit, stderr]).toEqual([1, expect.stringContaining(said)]);
    }),
  );

  it('to what it is already stores nothing and waits for what is under way', () =>
    Desk.useWith(following(scaled({ seq: null, starting: [] }), []), async (desk, server) => {
      const { exit, stdout } = await desk.run(command);
      expect([exit, stdout]).toEqual([0, '✓ localhost/demo runs in 3 replicas, as before\n']);
      expect(server.seen.map(({ query }) => query.wait)).toEqual(['false', 'true']);
    }));

  it('--detach returns at once', () =>
    Desk.useWith(following(scaled(), []), async (desk) => {
      const { exit, stdout } = await desk.run([...command, '--detach']);
      expect([exit, stdout]).toEqual([0, '✓ localhost/demo is to run in 3 replicas\n']);
    }));

  it('repeats a refusal with what to type next', () => {
    const said = 'To stop it, use `p-cli cloud undeploy localhost /demo`.';
    const script = { 'POST /management/api/deployments/scale': refusal(400, 'REPLICAS_INVALID', 'Not 0.', said) };
    return Desk.useWith(script, async (desk) => {
      const { exit, stderr } = await desk.run([...command.slice(0, 4), '0']);
      expect([exit, stderr]).toEqual([5, expect.stringContaining(said)]);
    });
  });
});
