import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../adapters/git/test-repository.ts';
import { eventually } from '../crash/operator.ts';
import { Ground } from '../trouble/ground.ts';
import { PushedAgent } from './pushed-agent.ts';

let ground: Ground;
let agent: PushedAgent;

beforeAll(async () => {
  agent = await PushedAgent.make();
  const settings = { 'git.pollMinMs': 100, 'git.pollMaxMs': 200, agentStartTimeoutMs: 10_000 };
  ground = await Ground.make({ settings });
  ground.cleanup(() => agent.clear());
  await ground.addRepository('shop', agent.url);
});
afterAll(() => ground?.clear());

const place = (path: string) => ({ domain: 'localhost', path });
const said = async (path: string) => (await ground.call(path, 'say')).body.data;
const says = (path: string, word: string) => {
  return eventually(`${path} says ${word}`, 30, async () => ((await said(path)) === word ? true : undefined));
};
const watched = async (path: string) => {
  const { watches } = (await ground.operator.request('GET', '/management/api/watches')).body;
  return watches.find(({ deployment }: { deployment: string }) => deployment === `localhost${path}`);
};
const releases = async (path: string) =>
  (await ground.events(path)).filter(({ type }) => type === 'deployment.requested').map(({ data }) => data);
const shown = async (path: string) => {
  const { deployments } = (await ground.operator.request('GET', '/management/api/deployments')).body;
  return deployments.find((one: { path: string }) => one.path === path);
};
/** Until the remote was asked twice more, from begin to end. */
const askedAgain = async () => {
  const before = agent.asked;
  await eventually('two more polls', 30, async () => (agent.asked > before + 1 ? true : undefined));
};

describe('a deployment that watches its branch', () => {
  it('is redeployed by a push, with the commit as the reason', async () => {
    await ground.deployed('/shop', 'shop', { watch: true });
    expect(await said('/shop')).toBe('one');
    expect((await shown('/shop')).watch).toEqual({ repository: 'shop', branch: null, rests: null });
    const commit = await agent.push('two');
    await says('/shop', 'two');
    const [, second] = await releases('/shop');
    expect(second).toMatchObject({
      trigger: 'push',
      reason: `push of ${commit.slice(0, 8)} to main of shop`,
      push: { repository: 'shop', branch: 'main', commit, seenBy: 'poll' },
    });
    const { watches } = (await ground.operator.request('GET', '/management/api/watches')).body;
    expect(watches).toMatchObject([{ deployment: 'localhost/shop', repository: 'shop', commit, problem: null }]);
  });

  it('leaves no event for polls that find nothing', async () => {
    await askedAgain();
    const before = await ground.headAtRest();
    await askedAgain();
    // Containers have their own life meanwhile.
    const since = await ground.operator.history(`from=${before + 1}&limit=1000`);
    expect(since.filter(({ stream }) => /^(repository|deployment|release):/.test(stream))).toEqual([]);
  });

  it('tries a push that fails once, and serves on until the next one', async () => {
    const broken = await agent.push('broken', { install: 'exit 3' });
    await eventually('the failed release', 30, async () =>
      (await ground.events('/shop')).find(({ type }) => type === 'release.failed'),
    );
    await askedAgain();
    expect(await releases('/shop')).toHaveLength(3);
    expect(await said('/shop')).toBe('two');
    const failed = { commit: broken, outcome: 'failed', release: 3, failure: { stage: 'install' } };
    expect(await watched('/shop')).toMatchObject({ seen: failed, askedAt: expect.any(String) });
    await ground.server.kill();
    await ground.server.start();
    expect((await watched('/shop')).seen).toMatchObject(failed);
    await askedAgain();
    expect(await releases('/shop')).toHaveLength(3);
    await agent.push('three');
    await says('/shop', 'three');
    expect(await releases('/shop')).toHaveLength(4);
  });

  it('is pinned by a rollback until the next deploy', async () => {
    const back = { ...place('/shop'), to: '#2' };
    expect((await ground.operator.request('POST', '/management/api/deployments/rollback', back)).status).toBe(200);
    expect(await said('/shop')).toBe('two');
    expect((await shown('/shop')).watch.rests).toBe('pinned by the rollback to release 2');
    const { pin, seen, askedAt, branch } = await watched('/shop');
    expect({ pin, seen, askedAt, branch }).toMatchObject({
      pin: { target: 2 },
      seen: { outcome: 'served', release: 4 },
      askedAt: expect.any(String),
    });
    const before = agent.asked;
    const four = await agent.push('four');
    await ground.deployed('/other', 'shop', { watch: true });
    await eventually('a poll for the other one', 30, async () => (agent.asked > before + 2 ? true : undefined));
    expect(await said('/shop')).toBe('two');
    // Asked for the other one, and told of both.
    const { seen: waits } = await eventually('what was pushed is seen', 30, async () => {
      const entry = await watched('/shop');
      return entry.seen.commit === four ? entry : undefined;
    });
    expect(waits).toMatchObject({ outcome: 'waiting', release: null });
    expect((await ground.operator.request('POST', '/management/api/deployments/sync', place('/shop'))).status).toBe(
      200,
    );
    expect(await said('/shop')).toBe('four');
    await agent.push('five');
    await says('/shop', 'five');
    await says('/other', 'five');
  });

  it('makes one release of a push, wherever the server is killed on the way', async () => {
    const count = (await releases('/shop')).length;
    const commit = await agent.push('six');
    for (const type of ['deployment.requested', 'container.startRequested']) {
      await eventually(type, 30, async () => {
        const events = await ground.events('/shop');
        const since = events.findLastIndex(({ type: one }) => one === 'deployment.requested');
        const ofPush = (events[since]?.data as { push?: { commit: string } } | undefined)?.push?.commit === commit;
        return ofPush && events.slice(since).some((event) => event.type === type) ? true : undefined;
      });
      await ground.server.kill();
      await ground.server.start();
    }
    await says('/shop', 'six');
    await askedAgain();
    expect((await releases('/shop')).slice(count)).toHaveLength(1);
  });

  it('that is unwatched stays as it is', async () => {
    const off = await ground.operator.request('POST', '/management/api/deployments/watch', {
      ...place('/shop'),
      watch: false,
    });
    expect(off.body).toMatchObject({ success: true, changed: true, deployment: { watch: null } });
    await agent.push('seven');
    await says('/other', 'seven');
    expect(await said('/shop')).toBe('six');
  });

  it('of a tag is refused', async () => {
    const { repository } = agent;
    git(repository.work, ['tag', '-a', 'v1', '-m', 'first']);
    repository.push('--tags');
    const refused = await ground.deploy('/tagged', 'shop', { tag: 'v1', watch: true });
    expect(refused.body.error.code).toBe('WATCH_IMPOSSIBLE');
    await ground.deployed('/tagged', 'shop', { tag: 'v1' });
    expect(await shown('/tagged')).toMatchObject({ tag: 'v1', branch: null, commit: repository.head(), watch: null });
    await ground.deployed('/tagged', 'shop', { branch: 'main', watch: true });
    const ending = await ground.deploy('/tagged', 'shop', { tag: 'v1' });
    expect(ending.body).toMatchObject({ success: true, dropped: ['watch: no push moves a tag or commit'] });
    expect((await shown('/tagged')).watch).toBeNull();
    const asBranch = await ground.deploy('/tagged', 'shop', { branch: 'v1', watch: true });
    expect(asBranch.body.error).toMatchObject({ code: 'WATCH_IMPOSSIBLE', hint: expect.stringContaining('--tag v1') });
    // Without a watch the name of a tag will do for that of a branch; only the remote knows which it is.
    await ground.deployed('/tagged', 'shop', { branch: 'v1' });
    const body = { ...place('/tagged'), watch: true };
    const later = await ground.operator.request('POST', '/management/api/deployments/watch', body);
    expect(later).toMatchObject({ status: 409, body: { error: { code: 'WATCH_IMPOSSIBLE' } } });
    expect(later.body.message).toContain('takes of the repository shop the tag v1, which no push moves');
    expect(later.body.error.hint).toContain('p-cli cloud deploy localhost /tagged shop --branch <name> --watch');
    expect(await shown('/tagged')).toMatchObject({ watch: null });
    const unknown = await ground.deploy('/tagged', 'shop', { tag: 'v2' });
    expect(unknown.body.error).toMatchObject({ code: 'GIT_REF_NOT_FOUND', hint: 'Its tags are: v1.' });
  });
});
