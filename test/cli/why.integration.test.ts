import { expect, it } from 'vitest';
import { Desk } from './desk.ts';

const api = (route: string) => `/management/api/${route}`;
const chain = [
  {
    seq: 9,
    id: 'e9',
    type: 'deployment.routed',
    stream: 'deployment:localhost/demo',
    time: '2026-01-02T03:04:05.000Z',
    actor: 'system:routeRelease',
    cause: null,
    trace: 't',
    v: 1,
    data: { release: 2, previous: 1 },
  },
];
const up = { state: 'up', reason: null };
const row = {
  domain: 'localhost',
  path: '/demo',
  agent: 'demo',
  release: 2,
  failedRelease: null as number | null,
  containers: [{ name: 'ploinky-localhost-demo-2-abc', condition: up }],
};

/** Stderr of `why localhost/demo`, where the server lists that deployment. */
async function notesOf(deployment: typeof row): Promise<string> {
  const subject = { kind: 'deployment', name: 'localhost/demo' };
  const script = {
    [`GET ${api('past/why')}`]: { body: { subject, chain, unresolved: null } },
    [`GET ${api('deployments')}`]: { body: { deployments: [deployment] } },
  };
  let stderr = '';
  await Desk.useWith(script, async (desk) => {
    ({ stderr } = await desk.run(['cloud', 'why', 'localhost/demo']));
  });
  return stderr;
}

it('why a deployment serves is not what became of it since: the way there is told', async () => {
  const notes = await notesOf(row);
  expect(notes).toContain('What became of it since: p-cli cloud why ploinky-localhost-demo-2-abc');
  expect(notes).not.toContain('failed');
});

it('a newer release that failed is named, which no chain of what serves leads to', async () => {
  expect(await notesOf({ ...row, failedRelease: 3 })).toContain('! Release 3 failed: p-cli cloud why localhost/demo#3');
});
