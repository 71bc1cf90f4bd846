import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { openLevelLog } from '../../core/log/level-log.ts';
import { eventually } from '../crash/operator.ts';
import { type CallingGround, CountCalls, type CountReply, onCallingGround } from './calling-ground.ts';
import { Chance } from './chance.ts';

export interface KilledUnderCallsFigures {
  calls: number;
  /** Answered with the result of the agent. */
  acknowledged: number;
  /** Conversations that the kill broke. */
  broken: number;
  /** Of those: asked again with their idempotency key, and answered with what became of the first attempt. */
  askedAgain: number;
  /** Of the broken ones without a key: those whose task the log had accepted, with an outcome that nobody was told. */
  untold: number;
  /** Acknowledged without being in the log as it was told, or accepted without an outcome. */
  lost: number;
  /** Executed more than once, or with more than one outcome. */
  doubled: number;
}

const callers = 256;

/**
 * So many calls from 256 callers, with a kill -9 of the server somewhere in the middle. Every other call has an
 * idempotency key and is asked again after the kill. Then what was answered, what the log holds and what the agent
 * counted are compared.
 */
export function killedUnderCalls(calls: number, seed: number): Promise<KilledUnderCallsFigures> {
  const moment = Math.floor(calls * (0.4 + 0.2 * new Chance(seed).fraction()));
  return onCallingGround(async (ground) => {
    const record = await callAndKill(ground, calls, moment);
    const { operator, server } = ground;
    await eventually('an outcome of every task', 120, async () => {
      const { state } = (await operator.request('GET', '/management/api/state')).body;
      return Object.keys(state.tasks).length === 0 ? true : undefined;
    });
    const { runs } = (await operator.request('POST', '/counter/report', {})).body.data as { runs: Runs };
    await server.kill('SIGTERM');
    const found = { ...record.figures, ...(await compare(join(server.dir, '.ploinky-cloud'), record, runs)) };
    await server.start();
    return found;
  });
}

type Runs = Readonly<Record<string, number>>;

interface Told {
  readonly figures: Pick<KilledUnderCallsFigures, 'calls' | 'acknowledged' | 'broken' | 'askedAgain'>;
  /** Task ids of the acknowledged calls, by their number. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Numbers of the calls that broke and were not asked again. */
  readonly forgotten: ReadonlySet<string>;
}

async function callAndKill({ server }: CallingGround, calls: number, moment: number): Promise<Told> {
  const figures = { calls, acknowledged: 0, broken: 0, askedAgain: 0 };
  const acknowledged = new Map<string, string>();
  const forgotten = new Set<string>();
  const client = new CountCalls(server.url, callers);
  let next = 0;
  let alive: Promise<void> = Promise.resolve();
  const killAndStart = async () => {
    await server.kill();
    await server.start();
  };
  const tell = (nonce: string, reply: CountReply): void => {
    if (reply.status !== 200 || reply.body.data?.nonce !== nonce || reply.taskId === null) {
      throw new Error(`call ${nonce}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
    acknowledged.set(nonce, reply.taskId);
    figures.acknowledged += 1;
    if (figures.acknowledged === moment) alive = killAndStart();
  };
  const caller = async () => {
    while (next < calls) {
      const nonce = String(next++);
      const key = Number(nonce) % 2 === 0 ? `count-${nonce}` : null;
      const reply = await client.count(nonce, key);
      if (reply !== null && reply.status !== 503) {
        tell(nonce, reply);
        continue;
      }
      figures.broken += 1;
      await alive;
      if (key === null) {
        forgotten.add(nonce);
        continue;
      }
      const later = await answered(client, nonce, key);
      figures.askedAgain += 1;
      // It was handed over, and the agent cannot say what became of it: told so, not executed again.
      if (later.body.error?.code !== 'TASK_OUTCOME_UNKNOWN') tell(nonce, later);
    }
  };
  try {
    await Promise.all(Array.from({ length: callers }, caller));
    await alive;
  } finally {
    await client.close();
  }
  return { figures, acknowledged, forgotten };
}

/** The agent may still be on its way back into service. */
async function answered(client: CountCalls, nonce: string, key: string): Promise<CountReply> {
  for (;;) {
    const reply = await client.count(nonce, key);
    if (reply !== null && reply.status !== 503) return reply;
    await wait(20);
  }
}

interface TaskData {
  readonly taskId: string;
  readonly command: string;
  readonly params: readonly string[];
  readonly outcome?: string;
}

async function compare(
  folder: string,
  { acknowledged, forgotten }: Told,
  runs: Runs,
): Promise<Pick<KilledUnderCallsFigures, 'untold' | 'lost' | 'doubled'>> {
  const figures = { untold: 0, lost: 0, doubled: 0 };
  const accepted = new Map<string, { nonce: string; end: string | null }>();
  const byNonce = new Map<string, string>();
  const log = await openLevelLog({ folder, holder: 'test', readOnly: true });
  try {
    for await (const piece of log.readPieces()) {
      for (const { type, data } of piece as EventEnvelope<string, TaskData>[]) {
        if (!type.startsWith('task.')) continue;
        if (type === 'task.enqueued') {
          if (data.command !== 'count') continue;
          const nonce = String(data.params[0]);
          accepted.set(data.taskId, { nonce, end: null });
          if (byNonce.has(nonce)) figures.doubled += 1;
          byNonce.set(nonce, data.taskId);
          continue;
        }
        const task = accepted.get(data.taskId);
        if (!task) continue;
        if (task.end !== null) figures.doubled += 1;
        task.end = type === 'task.failed' ? `failed: ${data.outcome}` : type;
      }
    }
  } finally {
    await log.close();
  }
  for (const [nonce, taskId] of acknowledged) {
    if (accepted.get(taskId)?.nonce !== nonce || accepted.get(taskId)?.end !== 'task.completed') figures.lost += 1;
  }
  for (const { nonce, end } of accepted.values()) {
    const ran = runs[nonce] ?? 0;
    if (forgotten.has(nonce)) figures.untold += 1;
    if (end === null) figures.lost += 1;
    // What the log says and what the agent counted must not contradict one another.
    else if ((end === 'task.completed' && ran === 0) || (end === 'failed: notStarted' && ran > 0)) figures.lost += 1;
  }
  for (const ran of Object.values(runs)) if (ran > 1) figures.doubled += 1;
  return figures;
}
