import type { Contestant } from '../contestant.ts';
import { bareAgent } from './bare-agent.ts';
import { bullmqAlways, bullmqEverysec } from './bullmq.ts';
import { fastifyAlone, fastifyProxy } from './fastify.ts';
import { pollingQueue, watchedQueue } from './file-queues.ts';
import { graphileWorker } from './graphile-worker.ts';
import { nginxProxy } from './nginx-proxy.ts';
import { ploinky, ploinkyCluster, ploinkyQueue, ploinkyWithoutLog } from './ploinky.ts';
import { bareWeb, nginxToAgent, nginxWeb, passThrough, passThroughAgent } from './web-services.ts';

/** All of them, in the order in which they are shown. */
export const contestants: readonly Contestant[] = [
  ploinky,
  ploinkyCluster,
  ploinkyQueue,
  ploinkyWithoutLog,
  fastifyProxy,
  nginxProxy,
  fastifyAlone,
  bareAgent,
  passThroughAgent,
  nginxToAgent,
  passThrough,
  nginxWeb,
  bareWeb,
  bullmqAlways,
  bullmqEverysec,
  graphileWorker,
  watchedQueue,
  pollingQueue,
];
