import type { Contestant } from '../contestant.ts';
import { bareAgent } from './bare-agent.ts';
import { fastifyAlone, fastifyProxy } from './fastify.ts';
import { nginxProxy } from './nginx-proxy.ts';
import { ploinkyHttp, ploinkyQueue } from './ploinky.ts';

/** All of them, in the order in which they are shown. */
export const contestants: readonly Contestant[] = [
  ploinkyHttp,
  ploinkyQueue,
  fastifyProxy,
  nginxProxy,
  fastifyAlone,
  bareAgent,
];
