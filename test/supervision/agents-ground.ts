import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AgentFiles, makeAgentRepository } from '../agent-repository.ts';
import { Operator } from '../crash/operator.ts';
import { ServerProcess } from '../crash/server-process.ts';

export interface AgentsGround {
  readonly server: ServerProcess;
  readonly operator: Operator;
  /** Asks for a deployment of the agent at a path named as it is; waits until it serves, unless told not to. */
  deploy(agent: string, options?: { readonly wait?: boolean }): Promise<void>;
}

export interface AgentsGroundOptions {
  readonly agents: Readonly<Record<string, AgentFiles>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server with a repository of these agents; nothing of it is left behind. */
export async function onAgentsGround<T>(
  { agents, settings, env = {} }: AgentsGroundOptions,
  work: (ground: AgentsGround) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ps-'));
  const server = new ServerProcess(join(folder, 'c'), env);
  const operator = new Operator(server);
  const asked = async (route: string, body: unknown, good: readonly number[] = [200]) => {
    const answer = await operator.request('POST', `/management/api/${route}`, body);
    if (!good.includes(answer.status)) throw new Error(JSON.stringify(answer.body));
  };
  try {
    await server.start();
    await operator.initialize();
    await operator.set({ 'git.allowLocal': true, stopGraceMs: 1_000, ...settings });
    await asked('repositories', { name: 'own', url: makeAgentRepository(join(folder, 'repository'), agents) });
    return await work({
      server,
      operator,
      deploy: (agent, { wait = true } = {}) => {
        const body = { domain: 'localhost', path: `/${agent}`, agent, repository: 'own' };
        return asked(wait ? 'deployments' : 'deployments?wait=false', body, [200, 202]);
      },
    });
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
