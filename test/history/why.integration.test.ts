import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { makeRepository } from '../trouble/agents.ts';
import { Ground } from '../trouble/ground.ts';

let ground: Ground;

interface Answer {
  readonly subject: { readonly kind: string; readonly name: string };
  readonly chain: readonly EventEnvelope[];
  readonly unresolved: string | null;
}

async function why(of: string): Promise<Answer> {
  const { status, body } = await ground.operator.request(
    'GET',
    `/management/api/past/why?of=${encodeURIComponent(of)}`,
  );
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

const types = (chain: readonly EventEnvelope[]) => chain.map(({ type }) => type);

/** A life with everything in it that somebody may ask about: a kill of the server, a death, failures, an end. */
beforeAll(async () => {
  ground = await Ground.make();
  await ground.addRepository('trouble', makeRepository(join(ground.folder, 'r')));
  await ground.deployed('/demo', 'good', { repository: 'trouble' });
  await ground.call('/demo', 'hello', ['you']);
  await ground.call('/demo', 'throws');
  await ground.call('/demo', 'dies');
  await ground.comesBack('/demo');
  await ground.server.kill();
  await ground.server.start();
  await ground.comesBack('/demo');
  expect((await ground.deploy('/demo', 'nobody')).status).not.toBe(200);
  await ground.deployed('/demo', 'good', { repository: 'trouble', environment: { LOUD: '1' } });
  await ground.deployed('/gone', 'good', { repository: 'trouble' });
  await ground.undeploy('/gone');
  await ground.nothingHalfMade('/gone');
});
afterAll(() => ground?.clear());

it('resolves every link of every event that the system writes, back to what came from outside', async () => {
  const head = await ground.head();
  expect(head).toBeGreaterThan(40);
  for (let seq = 1; seq <= head; seq += 1) {
    const { chain, unresolved } = await why(String(seq));
    expect(unresolved, `event ${seq}`).toBeNull();
    expect(chain.at(-1)?.seq).toBe(seq);
    expect(chain[0]?.cause).toBeNull();
    for (const [i, link] of chain.slice(1).entries()) {
      expect(link.cause).toBe(chain[i]?.id);
      expect(link.seq).toBeGreaterThan(chain[i]?.seq ?? Number.POSITIVE_INFINITY);
    }
    // Only people, programs from outside and what the server saw by itself begin something.
    expect(chain[0]?.actor, `event ${seq} began with ${chain[0]?.type}`).toMatch(
      /^(admin|anonymous|system:observer|system:engines)/,
    );
  }
});

it('says why a deployment serves what it serves', async () => {
  const { subject, chain } = await why('localhost/demo');
  expect(subject).toEqual({ kind: 'deployment', name: 'localhost/demo' });
  expect(types(chain)[0]).toBe('deployment.requested');
  expect(types(chain).at(-1)).toBe('deployment.routed');
  expect(types(chain)).toContain('container.healthy');
});

it('says what ended a deployment that is gone', async () => {
  expect(types((await why('localhost/gone')).chain)).toEqual(['deployment.removed']);
});

it('says why a deployment that never served does not', async () => {
  expect((await ground.deploy('/crash', 'nobody')).status).not.toBe(200);
  const { subject, chain } = await why('localhost/crash');
  expect(subject).toEqual({ kind: 'deployment', name: 'localhost/crash' });
  expect(types(chain)).toEqual(['deployment.requested', 'release.failed']);
});

it('says why a container runs again, from the request over its death to its last start', async () => {
  const restarted = (await ground.events('/demo')).find(({ type }) => type === 'container.restarted');
  const container = restarted?.stream.slice('container:'.length) ?? '';
  const { chain } = await why(String(restarted?.seq));
  expect(types(chain)[0]).toBe('deployment.requested');
  expect(types(chain)).toContain('container.exited');
  expect((await why(container)).subject).toEqual({ kind: 'container', name: container });
});

it('says who asked for a task and what came of it', async () => {
  const failed = (await ground.events('/demo')).find(({ type }) => type === 'task.failed');
  const { subject, chain } = await why(failed?.stream.slice('task:'.length) ?? '');
  expect(subject.kind).toBe('task');
  expect(types(chain)).toEqual(['task.enqueued', 'task.failed']);
});

it('takes an event by its id, as causes name it', async () => {
  const [first] = await ground.events('/demo');
  const { subject, chain } = await why(first?.id ?? '');
  expect(subject).toEqual({ kind: 'event', name: String(first?.seq) });
  expect(chain).toEqual([first]);
});

it.each([
  ['nothing', 'no deployment, container, task or event'],
  ['localhost/nothing', 'no deployment "localhost/nothing"'],
  ['localhost/demo#99', 'no release'],
  ['99999', 'There is no event 99999'],
])('knows nothing of %s, and says so', async (of, message) => {
  const { status, body } = await ground.operator.request(
    'GET',
    `/management/api/past/why?of=${encodeURIComponent(of)}`,
  );
  expect(status).toBe(404);
  expect(body.error.message).toContain(message);
});
