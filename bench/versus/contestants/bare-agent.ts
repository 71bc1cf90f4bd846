import { agentCore } from '../agent-core.ts';
import type { Contestant } from '../contestant.ts';
import { greeting, taskBody } from '../greeting.ts';
import { httpLoad } from '../http-load.ts';
import { wrk } from '../packages.ts';

/** The agent itself, on a port: nothing between it and its callers. */
export const bareAgent: Contestant = {
  name: 'bare-agent',
  title: 'bare agent, POST /task',
  needs: [wrk],
  async start(ground) {
    const { pid, port } = await agentCore(ground, 'tcp');
    const url = `http://127.0.0.1:${port}/task`;
    const load = await httpLoad(ground, { url, method: 'POST', body: taskBody, answers: greeting });
    return { load, servers: () => [], agents: () => [pid] };
  },
};
