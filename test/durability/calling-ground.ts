import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { makeCounterRepository } from '../crash/counter-agent.ts';
import { Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';

/** A server on the process engine with one agent, `counter`, that remembers how often it ran for each number. */
export interface CallingGround {
  readonly server: ServerProcess;
  readonly operator: Operator;
}

/** Runs `work` on such a ground and leaves nothing behind. */
export async function onCallingGround<T>(work: (ground: CallingGround) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pc-'));
  const server = new ServerProcess(join(folder, 'c'));
  const operator = new Operator(server);
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ engine: 'process', 'git.allowLocal': true, stopGraceMs: 2_000 });
    const url = makeCounterRepository(join(folder, 'repository'));
    await asked(operator, 'repositories', { name: 'own', url });
    await asked(operator, 'deployments', {
      domain: 'localhost',
      path: '/counter',
      agent: 'counter',
      repository: 'own',
    });
    return await work({ server, operator });
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${server.output}`, { cause: error });
  } finally {
    await server.kill();
    await server.start().catch(() => {});
    await operator.request('POST', '/management/api/stopAndDeleteAll').catch(() => {});
    await server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function asked(operator: Operator, route: string, body: unknown): Promise<void> {
  const answer = await operator.request('POST', `/management/api/${route}`, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
}

export interface CountReply {
  readonly status: number;
  readonly taskId: string | null;
  /** What the agent gave back, or the error. */
  readonly body: { readonly data?: { readonly nonce?: string }; readonly error?: { readonly code: string } };
}

/** Many calls of `counter` at once, over connections of their own. */
export class CountCalls {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections, headersTimeout: 60_000 });
  }

  /** null: the conversation broke, and nobody knows how far it came. */
  async count(nonce: string, idempotencyKey: string | null): Promise<CountReply | null> {
    try {
      const answer = await this.#pool.request({
        method: 'POST',
        path: '/counter/count',
        headers: {
          'content-type': 'application/json',
          ...(idempotencyKey === null ? {} : { 'idempotency-key': idempotencyKey }),
        },
        body: JSON.stringify({ params: [nonce, 0] }),
      });
      const body = (await answer.body.json()) as CountReply['body'] & { taskId?: string };
      return { status: answer.statusCode, taskId: body.taskId ?? null, body };
    } catch {
      return null;
    }
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}
