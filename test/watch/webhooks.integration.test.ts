import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';
import { sendRaw } from '../trouble/raw-request.ts';
import { PushedAgent } from './pushed-agent.ts';

const secret = 'a-very-secret-canary-42';
let ground: Ground;
let agent: PushedAgent;

beforeAll(async () => {
  agent = await PushedAgent.make();
  // Nothing is found by a poll: what is redeployed here was told.
  const settings = { 'git.pollMinMs': 86_400_000, 'git.pollMaxMs': 86_400_000, agentStartTimeoutMs: 10_000 };
  ground = await Ground.make({ settings });
  ground.cleanup(() => agent.clear());
  await ground.addRepository('shop', agent.url);
  await ground.deployed('/shop', 'shop', { watch: true });
  await atRest();
});
afterAll(() => ground?.clear());

/** The remote was asked after the last release, and will not be again for a day. */
const atRest = () => {
  return eventually('the first poll', 30, async () => {
    const { watches } = (await ground.operator.request('GET', '/management/api/watches')).body;
    return watches[0]?.askedAt !== null && watches[0]?.nextInMs > 60_000 ? true : undefined;
  });
};

const says = (word: string) => {
  return eventually(`it says ${word}`, 30, async () => {
    return (await ground.call('/shop', 'say')).body.data === word ? true : undefined;
  });
};

async function send(host: 'github' | 'gitlab', name: string, body: string, headers: Record<string, string>) {
  const url = `${ground.server.url}/management/webhooks/${host}/${name}`;
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

const payload = (commit: string) => JSON.stringify({ ref: 'refs/heads/main', after: commit });
const github = (body: string, delivery: string, { by = secret, event = 'push', name = 'shop' } = {}) => {
  const signature = `sha256=${createHmac('sha256', by).update(body).digest('hex')}`;
  const headers = { 'x-github-event': event, 'x-github-delivery': delivery, 'x-hub-signature-256': signature };
  return send('github', name, body, headers);
};
const gitlab = (body: string, id: string, token = secret) => {
  const headers = { 'x-gitlab-event': 'Push Hook', 'x-gitlab-event-uuid': id, 'x-gitlab-token': token };
  return send('gitlab', 'shop', body, headers);
};
const setWebhook = (name: string, value: string | null) =>
  ground.operator.request('PUT', `/management/api/repositories/${name}/webhook`, { secret: value });
const received = () => ground.operator.history('type=push.received');

describe('a webhook', () => {
  it('needs a repository and a secret that are there', async () => {
    expect((await github('{}', 'd0')).status).toBe(401);
    expect((await setWebhook('nowhere', 'HOOK')).body.error.code).toBe('REPOSITORY_NOT_FOUND');
    expect((await setWebhook('shop', 'HOOK')).body.error.code).toBe('SECRET_NOT_FOUND');
    await ground.operator.request('POST', '/management/api/secrets', { name: 'HOOK', value: secret });
    expect((await setWebhook('shop', 'HOOK')).body).toMatchObject({ changed: true, repository: { webhook: 'HOOK' } });
    expect((await setWebhook('shop', 'HOOK')).body.changed).toBe(false);
  });

  it('of GitHub is answered when it pings, and makes a release of a push', async () => {
    expect((await github('{"zen":"x"}', 'd1', { event: 'ping' })).body).toMatchObject({
      message: 'pong',
      asked: false,
    });
    const commit = await agent.push('two');
    expect(await github(payload(commit), 'd2')).toMatchObject({ status: 202, body: { asked: true } });
    await says('two');
    const [told] = await received();
    expect(told).toMatchObject({
      actor: 'webhook:github',
      data: { repository: 'shop', host: 'github', branch: 'main', commit, delivery: 'd2' },
    });
    const requested = (await ground.events('/shop')).findLast(({ type }) => type === 'deployment.requested');
    expect(requested).toMatchObject({
      cause: told?.id,
      trace: told?.trace,
      data: { trigger: 'push', push: { commit, seenBy: 'webhook' } },
    });
    await atRest();
  });

  it('of GitLab makes a release of a push', async () => {
    const commit = await agent.push('three');
    expect((await gitlab(payload(commit), 'u1')).body).toMatchObject({ asked: true });
    await says('three');
    await atRest();
  });

  it('that comes again does nothing, also after a restart, and a lie does not deploy what it names', async () => {
    const before = (await received()).length;
    const asked = agent.asked;
    expect((await github(payload('0123'.repeat(10)), 'd2')).body).toMatchObject({ asked: false });
    await ground.server.kill();
    await ground.server.start();
    await atRest();
    expect((await gitlab(payload('0123'.repeat(10)), 'u1')).body).toMatchObject({ asked: false });
    expect(await received()).toHaveLength(before);
    expect(agent.asked).toBe(asked + 1);
    const releases = (await ground.events('/shop')).filter(({ type }) => type === 'deployment.requested').length;
    expect((await github(payload('0123'.repeat(10)), 'd3')).body).toMatchObject({ asked: true });
    await eventually('the poll', 30, async () => (agent.asked > asked + 1 ? true : undefined));
    await atRest();
    expect((await ground.events('/shop')).filter(({ type }) => type === 'deployment.requested')).toHaveLength(releases);
  });

  it('says what a rollback keeps from following the push, since when, and how that ends', async () => {
    const place = { domain: 'localhost', path: '/shop' };
    const back = await ground.operator.request('POST', '/management/api/deployments/rollback', place);
    expect(back.status, back.body.message).toBe(200);
    const pinning = (await ground.events('/shop')).findLast(({ type }) => type === 'deployment.requested');
    const { pinned: taken } = (pinning?.data ?? {}) as { pinned?: { release: number } };
    const target = taken?.release;
    expect(target).toBeTypeOf('number');
    const pinned = { deployment: 'localhost/shop', target, since: pinning?.time, seq: pinning?.seq };
    const commit = await agent.push('four');
    const answer = await github(payload(commit), 'd4');
    const unpin = 'p-cli cloud deploy localhost /shop shop';
    expect(answer).toMatchObject({ status: 202, body: { asked: false, pinned: [{ ...pinned, unpin }] } });
    expect(answer.body.message).toMatch(
      /^Nothing is deployed from it\. localhost\/shop is pinned by the rollback to release \d+, since .* UTC \(event \d+\), until its next deploy: `p-cli cloud deploy localhost \/shop shop`\.$/,
    );
    expect((await received()).at(-1)?.data).toMatchObject({ delivery: 'd4', pinned: [pinned] });
    expect((await github(payload(commit), 'd4')).body).toMatchObject({ asked: false, pinned: [pinned] });
    await ground.deployed('/shop', 'shop', {});
    expect((await github(payload(commit), 'd5')).body).not.toHaveProperty('pinned');
    await atRest();
  });

  it('without a good proof is refused and counted, whatever the repository', async () => {
    const before = (await received()).length;
    const body = payload('a'.repeat(40));
    const refused = [
      await github(body, 'd9', { by: 'another' }),
      await github(body, 'd9', { name: 'nowhere' }),
      await gitlab(body, 'u9', `${secret}x`),
      await send('github', 'shop', body, {}),
      await send('gitlab', 'shop', body, { 'x-gitlab-token': '' }),
    ];
    for (const { status, body: answer } of refused) {
      expect([status, answer.error.code, answer.message]).toEqual([401, 'WEBHOOK_REFUSED', refused[0]?.body.message]);
    }
    expect(await received()).toHaveLength(before);
    const denied = await eventually('the count', 30, async () => {
      const events = await ground.operator.history('type=access.denied');
      const counted = events.map(({ data }) => data as { reason: string; count: number });
      const all = counted
        .filter(({ reason }) => reason === 'wrong webhook proof')
        .reduce((sum, { count }) => sum + count, 0);
      return all >= 6 ? all : undefined;
    });
    expect(denied).toBe(6);
  });

  it('that is too large is refused, whoever sends it', async () => {
    // It says so itself and waits: whoever still sends when the answer comes may lose it with the connection.
    const headers = { 'content-type': 'application/json', 'content-length': String(5 * 1024 * 1024 + 1) };
    const path = '/management/webhooks/github/shop';
    const answer = await sendRaw(ground.server.url, { method: 'POST', path, headers, body: '{' });
    expect([answer.status, answer.body.error.code]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  it('is over once it is taken away, and its secret was never written down', async () => {
    expect((await setWebhook('shop', null)).body).toMatchObject({ changed: true, repository: { webhook: null } });
    expect((await github(payload('b'.repeat(40)), 'd11')).status).toBe(401);
    expect(ground.everyWord()).not.toContain(secret);
  });
});
