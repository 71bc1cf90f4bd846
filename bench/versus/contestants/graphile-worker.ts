import { callersLoad } from '../callers-load.ts';
import type { Contestant } from '../contestant.ts';
import { postgres } from '../packages.ts';
import { startPostgres } from '../postgres.ts';
import { family } from '../process-cost.ts';
import { startProgram } from '../start-program.ts';

export const graphileWorker: Contestant = {
  name: 'graphile-worker',
  title: 'graphile-worker on PostgreSQL',
  needs: [postgres],
  async start(ground) {
    const { pid, url } = await startPostgres(ground);
    const worker = await startProgram(ground, 'graphile-worker', { POSTGRES_URL: url, CONCURRENCY: '24' });
    const callers = await startProgram(ground, 'graphile-callers', { POSTGRES_URL: url });
    const servers = () => [...family(pid), callers.pid];
    return { load: callersLoad(callers), servers, agents: () => [worker.pid] };
  },
};
