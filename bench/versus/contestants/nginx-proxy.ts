import { agentCore } from '../agent-core.ts';
import type { Contestant } from '../contestant.ts';
import { greeting, taskBody } from '../greeting.ts';
import { httpLoad } from '../http-load.ts';
import { startNginx } from '../nginx.ts';
import { nginx, wrk } from '../packages.ts';
import { family } from '../process-cost.ts';

export const nginxProxy: Contestant = {
  name: 'nginx-proxy',
  title: 'nginx to the agent, no log',
  needs: [wrk, nginx],
  async start(ground) {
    const agent = await agentCore(ground, 'socket');
    const { pid, url } = await startNginx(ground, 'nginx-agent', `unix:${agent.socket}`);
    const load = await httpLoad(ground, { url: `${url}/task`, method: 'POST', body: taskBody, answers: greeting });
    return { load, servers: () => family(pid), agents: () => [agent.pid] };
  },
};
