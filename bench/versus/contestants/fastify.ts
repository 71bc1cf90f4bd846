import { agentCore } from '../agent-core.ts';
import type { Contestant } from '../contestant.ts';
import { gatewayBody, greeting } from '../greeting.ts';
import type { Ground } from '../ground.ts';
import { httpLoad } from '../http-load.ts';
import { wrk } from '../packages.ts';
import { family } from '../process-cost.ts';
import { startProgram } from '../start-program.ts';

async function startFastify(ground: Ground, program: string, env: Readonly<Record<string, string>>) {
  const { pid, ready } = await startProgram<{ port: number }>(ground, program, env);
  const url = `http://127.0.0.1:${ready.port}/hello`;
  const load = await httpLoad(ground, { url, method: 'POST', body: gatewayBody, answers: greeting });
  return { load, servers: () => family(pid) };
}

export const fastifyAlone: Contestant = {
  name: 'fastify-alone',
  title: 'bare Fastify, answers itself',
  needs: [wrk],
  start: async (ground) => ({ ...(await startFastify(ground, 'fastify-alone', {})), agents: () => [] }),
};

export const fastifyProxy: Contestant = {
  name: 'fastify-proxy',
  title: 'Fastify + undici to the agent, no log',
  needs: [wrk],
  async start(ground) {
    const agent = await agentCore(ground, 'socket');
    const started = await startFastify(ground, 'fastify-proxy', { AGENT_SOCKET: agent.socket ?? '' });
    return { ...started, agents: () => [agent.pid] };
  },
};
