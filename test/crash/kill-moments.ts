import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { isTaskEnd } from '../../decisions/task-end.ts';
import { Chance, seedOfRun } from '../durability/chance.ts';
import { makeCounterRepository } from './counter-agent.ts';
import { eventually, Operator } from './operator.ts';
import { ServerProcess } from './server-process.ts';

export interface KillOptions {
  readonly engine: 'docker' | 'podman' | 'process';
  /** Settings of the cloud, for example an image that is on this machine. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly rounds: number;
  /** How many containers or processes of the cloud run really, by path; asked of the world, not of the server. */
  readonly running: (cloud: { id: string; dir: string }) => Promise<Readonly<Record<string, number>>>;
}

const callers = 4;
const longestLifeMs = 900;

/**
 * A cloud that serves one agent, and redeploys another or rolls it back, under calls, while its server is killed again
 * and again at random moments. After each restart everything that was ever acknowledged must still be true.
 */
export async function killAtRandomMoments(options: KillOptions): Promise<void> {
  const seed = seedOfRun();
  const chance = new Chance(seed);
  const random = () => chance.fraction();
  const folder = mkdtempSync(join(tmpdir(), 'pk-'));
  const server = new ServerProcess(join(folder, 'c'), options.env);
  const operator = new Operator(server);
  const record = new Acknowledged();
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ engine: options.engine, 'git.allowLocal': true, stopGraceMs: 2_000, ...options.settings });
    const url = makeCounterRepository(join(folder, 'repository'));
    expect((await operator.request('POST', '/management/api/repositories', { name: 'own', url })).status).toBe(200);
    await deploy(operator, '/counter', {});
    const state = await operator.request('GET', '/management/api/state');
    const cloud = { id: state.body.state.cloud.cloud.cloudId as string, dir: server.dir };

    for (let round = 1; round <= options.rounds; round += 1) {
      const told = operator.follow(record.seen + 1, (event) => record.tell(event));
      const busy = [...Array(callers).keys()].map((caller) => callAway(operator, record, `${round}.${caller}`, random));
      const redeploy = requestDeploy(operator, round).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, random() * longestLifeMs));
      await server.kill();
      const ended = await Promise.allSettled([told, redeploy, ...busy]);
      for (const one of ended) if (one.status === 'rejected') throw one.reason;
      await server.start();
      await check(operator, record, options, cloud);
    }
    await operator.request('POST', '/management/api/stopAndDeleteAll');
    expect(await options.running(cloud)).toEqual({});
  } catch (error) {
    throw new Error(`with PLOINKY_SEED=${seed}: ${(error as Error).message}\n${server.output}`, { cause: error });
  } finally {
    // Whatever went wrong: nothing that was started stays behind.
    await server.kill();
    await server.start().catch(() => {});
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What clients were told, and so must stay true. */
class Acknowledged {
  readonly hashes = new Map<number, string>();
  /** Replies of calls, by their number. */
  readonly replies = new Map<string, unknown>();
  /** Releases that were to bring an earlier one back, and the number of that. */
  readonly rollbacks = new Map<number, number>();
  seen = 0;
  checked = 0;
  boot: string | null = null;

  tell({ seq, hash }: EventEnvelope): void {
    this.hashes.set(seq, hash);
    this.seen = Math.max(this.seen, seq);
  }
}

async function callAway(operator: Operator, record: Acknowledged, name: string, random: () => number): Promise<void> {
  for (let i = 0; ; i += 1) {
    const nonce = `${name}.${i}`;
    try {
      const params = [nonce, Math.floor(random() * 60)];
      const { status, body } = await operator.request('POST', '/counter/count', { params });
      if (status === 200) record.replies.set(nonce, body.data);
      else if (status !== 503) throw new Error(`call ${nonce}: ${status} ${JSON.stringify(body)}`);
    } catch (error) {
      if (error instanceof TypeError) return; // the connection broke: the server is dead
      throw error;
    }
  }
}

async function deploy(operator: Operator, path: string, environment: Record<string, string>): Promise<void> {
  const body = { domain: 'localhost', path, agent: 'counter', repository: 'own', environment };
  const answer = await operator.request('POST', '/management/api/deployments', body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

/** A new release each round; each third one is a rollback. */
async function requestDeploy(operator: Operator, round: number): Promise<void> {
  if (round % 3 === 0) {
    const place = { domain: 'localhost', path: '/other' };
    await operator.request('POST', '/management/api/deployments/rollback?wait=false', place);
    return;
  }
  const environment = { ROUND: String(round) };
  const body = { domain: 'localhost', path: '/other', agent: 'counter', repository: 'own', environment };
  await operator.request('POST', '/management/api/deployments?wait=false', body);
}

async function check(
  operator: Operator,
  record: Acknowledged,
  options: KillOptions,
  cloud: { id: string; dir: string },
): Promise<void> {
  await nothingUnfinished(operator);
  const events = await operator.history(`from=${record.checked + 1}&limit=100000`);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => record.checked + 1 + index));
  for (const { seq, hash } of events) {
    const told = record.hashes.get(seq);
    if (told !== undefined) expect(hash).toBe(told);
    record.hashes.delete(seq);
  }
  expect([...record.hashes.keys()]).toEqual([]);
  record.checked = events.at(-1)?.seq ?? record.checked;
  record.seen = record.checked;
  await everyCallOnce(operator, record, events);
  everyRollbackTold(record, events);
  await deploysEnded(operator, options, cloud);
}

/** Recovery has come to its end: no release on its way, no task without outcome. */
async function nothingUnfinished(operator: Operator): Promise<void> {
  await eventually('the end of all unfinished work', 60, async () => {
    const { state } = (await operator.request('GET', '/management/api/state')).body;
    const deployments = Object.values<{ id: string; latest: number; routed: number | null }>(state.deployments);
    const steady = deployments.every(({ latest, routed }) => latest === routed);
    const containers = Object.values<{ status: string }>(state.containers);
    const healthy = containers.length === deployments.length && containers.every((c) => c.status === 'healthy');
    return steady && healthy && Object.keys(state.tasks).length === 0 ? true : undefined;
  });
}

interface TaskData {
  readonly taskId: string;
  readonly command: string;
  readonly params: readonly string[];
  readonly outcome?: string;
}

async function everyCallOnce(
  operator: Operator,
  record: Acknowledged,
  events: readonly EventEnvelope[],
): Promise<void> {
  const report = (await operator.request('POST', '/counter/report', {})).body.data;
  record.boot ??= report.boot;
  expect(report.boot, 'the container was adopted, not replaced').toBe(record.boot);
  const nonces = new Map<string, string>();
  const outcomes = new Map<string, string>();
  for (const { type, data } of events as EventEnvelope<string, TaskData>[]) {
    if (type === 'task.enqueued' && data.command === 'count') nonces.set(data.taskId, String(data.params[0]));
    else if (isTaskEnd({ type }) && nonces.has(data.taskId)) {
      expect(outcomes.has(data.taskId), `two outcomes of ${data.taskId}`).toBe(false);
      outcomes.set(data.taskId, type === 'task.failed' ? `failed: ${data.outcome}` : type);
    }
  }
  for (const [taskId, nonce] of nonces) {
    const runs = report.runs[nonce] ?? 0;
    expect(runs, `runs of call ${nonce}`).toBeLessThanOrEqual(1);
    const outcome = outcomes.get(taskId);
    if (outcome === 'task.completed') expect(runs).toBe(1);
    else expect(outcome).toMatch(/^failed: (notStarted|unknown)$/);
    if (outcome === 'failed: notStarted') expect(runs).toBe(0);
    if (record.replies.has(nonce)) expect(outcome).toBe('task.completed');
  }
  for (const nonce of record.replies.keys()) expect([...nonces.values()]).toContain(nonce);
  record.replies.clear();
}

/** Where a rollback comes to serve, the very next event says so. */
function everyRollbackTold(record: Acknowledged, events: readonly EventEnvelope[]): void {
  events.forEach(({ type, data }, index) => {
    const { release, pinned } = data as { release: number; pinned?: { release: number } | null };
    if (type === 'deployment.requested' && pinned) record.rollbacks.set(release, pinned.release);
    if (type !== 'deployment.routed' || !record.rollbacks.has(release)) return;
    const target = record.rollbacks.get(release);
    expect(events[index + 1]).toMatchObject({ type: 'deployment.rolledBack', data: { release, target } });
  });
}

async function deploysEnded(
  operator: Operator,
  options: KillOptions,
  cloud: { id: string; dir: string },
): Promise<void> {
  const { deployments } = (await operator.request('GET', '/management/api/deployments')).body;
  const expected: Record<string, number> = {};
  for (const { path, status } of deployments) {
    expect(status).toBe('active');
    expected[path] = 1;
  }
  await eventually(`one container each, ${JSON.stringify(expected)}`, 30, async () => {
    const running = await options.running(cloud);
    return JSON.stringify(sorted(running)) === JSON.stringify(sorted(expected)) ? true : undefined;
  });
}

function sorted(counts: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
}
