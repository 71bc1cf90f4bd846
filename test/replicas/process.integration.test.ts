import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, eventually } from '../crash/operator.ts';
import { expectProblem, Ground } from '../trouble/ground.ts';
import { makeLedgerRepository } from './ledger-agent.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await Ground.make({ settings: { stopGraceMs: 5_000, maxConcurrentTasks: 1_000 } });
  await ground.addRepository('own', makeLedgerRepository(join(ground.folder, 'r')));
});
afterAll(() => ground?.clear());

const scale = (path: string, replicas: number, wait = true): Promise<Answer> =>
  ground.operator.request('POST', `/management/api/deployments/scale?wait=${wait}`, {
    domain: 'localhost',
    path,
    replicas,
  });

interface Who {
  readonly replica: number;
  readonly pid: number;
}

/** One call after the other; every one of them has to be answered. */
async function asked(path: string, times: number): Promise<Who[]> {
  const found: Who[] = [];
  for (let i = 0; i < times; i += 1) {
    const { status, body } = await ground.call(path, 'who');
    expect(status, JSON.stringify(body)).toBe(200);
    found.push(body.data);
  }
  return found;
}

const replicasOf = (found: readonly Who[]) => [...new Set(found.map(({ replica }) => replica))].sort();
const pidOf = (found: readonly Who[], replica: number) => found.find((who) => who.replica === replica)?.pid;

async function listed(path: string) {
  const { body } = await ground.operator.request('GET', '/management/api/deployments');
  return body.deployments.find((one: { path: string }) => one.path === path);
}

const checkout = (path: string, release = 1) =>
  join(ground.data, 'agents', `localhost-${path.slice(1)}`, String(release), 'code');
const open = (path: string, gate: string) => writeFileSync(join(checkout(path), gate), '');

/** Calls that end when the gate is opened; resolves when all of them are under way. */
async function begun(path: string, count: number, gate: string): Promise<{ answers: Promise<Answer[]> }> {
  const calls = Array.from({ length: count }, (_, i) => ground.call(path, 'work', [`${gate}${i}`, gate]));
  await eventually(`${count} open calls`, 30, async () => {
    return Object.keys((await ground.state()).tasks).length === count ? true : undefined;
  });
  return { answers: Promise.all(calls) };
}

/** How many of the answers came from each of the replicas. */
const shares = (answers: readonly Answer[]) => {
  return [1, 2, 3].map((n) => answers.filter(({ body }) => body.data === n).length);
};

describe('three replicas', () => {
  beforeAll(() => ground.deployed('/three', 'ledger', { replicas: 3 }));

  it('begin together: the release serves once all of them answer', async () => {
    const events = await ground.events('/three');
    const types = events.map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['deployment.requested', 'deployment.scaled']);
    const routed = types.indexOf('deployment.routed');
    expect(types.slice(0, routed).filter((type) => type === 'container.healthy')).toHaveLength(3);
    expect(types.indexOf('container.healthy')).toBeGreaterThan(types.lastIndexOf('container.startRequested'));
    expect(await listed('/three')).toMatchObject({ replicas: 3, healthy: 3, condition: { state: 'up' } });
  });

  it('take turns where none is busier than the others', async () => {
    const found = await asked('/three', 9);
    for (const replica of [1, 2, 3]) expect(found.filter((who) => who.replica === replica)).toHaveLength(3);
    expect(new Set(found.map(({ pid }) => pid)).size).toBe(3);
  });

  it('get calls evenly when many come at a time', async () => {
    const { answers } = await begun('/three', 30, 'even');
    open('/three', 'even');
    expect(shares(await answers)).toEqual([10, 10, 10]);
  });

  it('share the checkout and have queue and run folders of their own', () => {
    const release = join(ground.data, 'agents', 'localhost-three', '1');
    expect(readdirSync(release).sort()).toEqual(['code', 'package.json', 'queue', 'queue.2', 'queue.3']);
  });

  it('serve without one that was killed, until it is back', async () => {
    const before = await asked('/three', 3);
    const victim = pidOf(before, 2) as number;
    process.kill(victim, 'SIGKILL');
    // What was sent to it in that moment has an unknown outcome; what was not is answered by the others.
    for (let i = 0; i < 30; i += 1) {
      const { status, body } = await ground.call('/three', 'who');
      if (status !== 200) expect(body.error.code).toBe('TASK_OUTCOME_UNKNOWN');
    }
    await eventually('the end of replica 2', 20, async () => {
      const { healthy } = await listed('/three');
      return healthy === 2 ? true : undefined;
    });
    expect(replicasOf(await asked('/three', 6))).toEqual([1, 3]);
    expect(await listed('/three')).toMatchObject({ condition: { state: 'up' }, replicas: 3 });
    await eventually('its return', 20, async () => ((await listed('/three')).healthy === 3 ? true : undefined));
    const after = await asked('/three', 6);
    expect(replicasOf(after)).toEqual([1, 2, 3]);
    expect(pidOf(after, 2)).not.toBe(victim);
    for (const other of [1, 3]) expect(pidOf(after, other)).toBe(pidOf(before, other));
  });

  it('are all adopted by the next server after this one was killed, with the calls that run', async () => {
    const before = await asked('/three', 3);
    const ids = Array.from({ length: 6 }, (_, i) => `kept${i}`);
    const head = await ground.head();
    const { answers } = await begun('/three', 6, 'kept');
    const cut = expect(answers).rejects.toThrow();
    await ground.server.kill('SIGKILL');
    await cut;
    await ground.server.start();
    const after = await asked('/three', 9);
    expect(replicasOf(after)).toEqual([1, 2, 3]);
    for (const replica of [1, 2, 3]) expect(pidOf(after, replica)).toBe(pidOf(before, replica));
    open('/three', 'kept');
    await eventually('the outcomes', 20, async () => {
      const ended = (await ground.operator.history(`from=${head}&type=task.completed`)).length;
      return ended >= 6 ? true : undefined;
    });
    const { body } = await ground.call('/three', 'ledger');
    expect(body.data.filter((id: string) => ids.includes(id)).sort()).toEqual(ids);
  });
});

describe('scaling', () => {
  beforeAll(() => ground.deployed('/work', 'inTurn'));

  it('up: the new ones take calls when they answer', async () => {
    const { status, body } = await scale('/work', 3);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body).toMatchObject({ previous: 1, starting: [], stopping: [], deployment: { replicas: 3, healthy: 3 } });
    expect(replicasOf(await asked('/work', 3))).toEqual([1, 2, 3]);
  });

  it('down, while calls run: none is lost, the highest numbers go and leave no folder', async () => {
    const { answers } = await begun('/work', 60, 'down');
    const scaled = scale('/work', 1);
    await ground.happened('/work', 'container.stopRequested');
    open('/work', 'down');
    const ended = await answers;
    expect(ended.filter(({ status }) => status !== 200)).toEqual([]);
    expect(shares(ended)).toEqual([20, 20, 20]);
    expect((await scaled).status).toBe(200);
    expect(replicasOf(await asked('/work', 4))).toEqual([1]);
    const release = join(ground.data, 'agents', 'localhost-work', '1');
    expect(readdirSync(release).sort()).toEqual(['code', 'package.json', 'queue']);
    expect(existsSync(join(ground.data, 'run', 'localhost-work-1.2'))).toBe(false);
    const { body } = await ground.call('/work', 'ledger');
    expect(new Set(body.data).size).toBe(60);
  });

  it('names the request as the cause of what is started and stopped', async () => {
    const events = await ground.events('/work');
    const [up, down] = events.filter(({ type }) => type === 'deployment.scaled');
    const starts = events.filter((event) => event.type === 'container.startRequested' && event.cause === up?.id);
    const stops = events.filter((event) => event.type === 'container.stopRequested' && event.cause === down?.id);
    expect([starts.length, stops.length]).toEqual([2, 2]);
    expect(starts.every(({ trace }) => trace === up?.trace)).toBe(true);
  });

  it('is kept by the next release and undone by scaling back', async () => {
    const { body } = await scale('/work', 2);
    await ground.deployed('/work', 'inTurn');
    expect(await listed('/work')).toMatchObject({ release: 2, replicas: 2, healthy: 2 });
    const undone = await ground.operator.request('POST', '/management/api/undo', { seq: body.seq });
    expect(undone.status, JSON.stringify(undone.body)).toBe(200);
    expect(await listed('/work')).toMatchObject({ release: 2, replicas: 1, healthy: 1 });
  });

  it.each([0, -1, 65])('to %i is refused', async (replicas) => {
    expectProblem(await scale('/work', replicas), 'REPLICAS_INVALID');
  });

  it('to what it is already stores nothing', async () => {
    const head = await ground.head();
    const { status, body } = await scale('/work', 1);
    expect([status, body.seq]).toEqual([200, null]);
    expect(await ground.askedSince(head)).toEqual([]);
  });

  it('tells which replica fails, while the others serve', async () => {
    await ground.deployed('/sulks', 'ledger', { environment: { REFUSES: '2' } });
    const answer = await scale('/sulks', 2);
    expectProblem(answer, 'REPLICAS_MISSING');
    expect(answer.body.message).toContain('1 of 2 replicas');
    expect(answer.body.message).toContain('replica 2');
    expect(replicasOf(await asked('/sulks', 3))).toEqual([1]);
  });
});

describe('a release', () => {
  it('of which one replica fails does not serve, and leaves nothing behind', async () => {
    await ground.deployed('/half', 'ledger', { replicas: 2 });
    const answer = await ground.deploy('/half', 'ledger', { environment: { REFUSES: '2' } });
    expectProblem(answer, 'EXITED_EARLY');
    expect(answer.body.message).toMatch(/^Replica 2: .*replica 2 sulks/s);
    expect(await listed('/half')).toMatchObject({ release: 1, failedRelease: 2, replicas: 2, healthy: 2 });
    await ground.nothingHalfMade('/half');
  });
});

describe('replicas that run one call at a time', () => {
  beforeAll(() => ground.deployed('/single', 'single', { replicas: 3 }));

  it('run three together; the others wait for their turn', async () => {
    const { answers } = await begun('/single', 12, 'single');
    const { containers, tasks } = await ground.state();
    const given = Object.values<{ container: string | null }>(tasks).flatMap(({ container }) => container ?? []);
    const own = Object.values<{ deployment: string; name: string }>(containers);
    expect(given.sort()).toEqual(own.filter((c) => c.deployment === 'localhost/single').map(({ name }) => name));
    open('/single', 'single');
    const ended = await answers;
    expect(ended.filter(({ status }) => status !== 200)).toEqual([]);
    expect(shares(ended).every((share) => share > 0)).toBe(true);
    const peaks = await Promise.all([1, 2, 3].map(() => ground.call('/single', 'peak')));
    expect(peaks.map(({ body }) => body.data.peak)).toEqual([1, 1, 1]);
  });
});

describe('a replica that takes no more connections while it runs', () => {
  it('is passed over: every call is answered by another one, as the log tells', async () => {
    await ground.deployed('/deaf', 'inTurn', { replicas: 3 });
    const head = await ground.head();
    rmSync(join(ground.data, 'run', 'localhost-deaf-1.2', 'agent.sock'));
    expect(replicasOf(await asked('/deaf', 9))).toEqual([1, 3]);
    const moved = await ground.operator.history(`from=${head}&type=task.assigned`);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.every(({ data }) => !(data as { container: string }).container.includes('-1.2-'))).toBe(true);
    expect(await listed('/deaf')).toMatchObject({ healthy: 3 });
  });

  it('gives its requests of a web service to the others, whatever their method', async () => {
    await ground.deployed('/hard', 'service', { replicas: 3 });
    const { body: deaf } = await ground.operator.request('GET', '/hard/deaf');
    const others = [1, 2, 3].filter((replica) => replica !== deaf);
    const found = new Set<number>();
    for (let i = 0; i < 9; i += 1) {
      const answer = await ground.operator.request(
        i % 2 === 0 ? 'POST' : 'GET',
        '/hard/',
        i % 2 === 0 ? { i } : undefined,
      );
      expect(answer.status, JSON.stringify(answer.body)).toBe(200);
      found.add(answer.body);
    }
    expect([...found].sort()).toEqual(others);
    expect(await listed('/hard')).toMatchObject({ healthy: 3 });
  });
});

describe('a web service', () => {
  beforeAll(() => ground.deployed('/service', 'service', { replicas: 2 }));

  const got = async (gate: string | null) => {
    return (await ground.operator.request('GET', `/service/${gate === null ? '' : `?gate=${gate}`}`)).body;
  };
  /** Requests that end when the gate is opened; resolves when the service has all of them. */
  async function asking(count: number, gate: string): Promise<{ answers: Promise<number[]> }> {
    const file = join(checkout('/service'), 'begun');
    const before = existsSync(file) ? readFileSync(file).length : 0;
    const answers = Promise.all(Array.from({ length: count }, () => got(gate)));
    await eventually(`${count} requests under way`, 30, async () => {
      return existsSync(file) && readFileSync(file).length === before + count ? true : undefined;
    });
    return { answers };
  }

  it('has its requests shared out by how many are under way', async () => {
    const { answers } = await asking(4, 'shared');
    open('/service', 'shared');
    expect((await answers).sort()).toEqual([1, 1, 2, 2]);
    expect(new Set([await got(null), await got(null)])).toEqual(new Set([1, 2]));
  });

  it('finishes its requests when it is scaled down, and when its release is replaced', async () => {
    const first = await asking(4, 'down');
    const scaled = scale('/service', 1);
    await ground.happened('/service', 'container.stopRequested');
    open('/service', 'down');
    expect((await first.answers).sort()).toEqual([1, 1, 2, 2]);
    expect((await scaled).status).toBe(200);
    const second = await asking(2, 'replaced');
    await ground.deployed('/service', 'service');
    open('/service', 'replaced');
    expect(await second.answers).toEqual([1, 1]);
  });
});

describe('a replica and one that is kept warm', () => {
  beforeAll(() => ground.deployed('/spare', 'spare'));
  const standing = async () => {
    const { healthy, warm } = await listed('/spare');
    return [healthy, warm];
  };
  const both = () => eventually('a warm one', 30, async () => ((await standing())[1] === 1 ? true : undefined));

  it('answer by the one, and by the other once that was killed', async () => {
    await both();
    const before = await asked('/spare', 4);
    expect(replicasOf(before)).toEqual([1]);
    process.kill(pidOf(before, 1) as number, 'SIGKILL');
    await eventually('its end', 20, async () => ((await standing())[1] === 0 ? true : undefined));
    expect(replicasOf(await asked('/spare', 2))).toEqual([2]);
    await both();
    expect(replicasOf(await asked('/spare', 2))).toEqual([1]);
  });

  it('serve both at once when two are wanted', async () => {
    expect((await scale('/spare', 2, false)).status).toBe(202);
    expect(replicasOf(await asked('/spare', 4))).toEqual([1, 2]);
    await both();
    expect(await standing()).toEqual([2, 1]);
  });
});
