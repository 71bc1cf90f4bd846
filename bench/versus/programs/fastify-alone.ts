// Fastify that answers by itself: what HTTP in Node costs when nothing is behind it.
import { fastify } from 'fastify';
import { command, greeting } from '../greeting.ts';
import { serveForBench } from './serve-for-bench.ts';

const app = fastify({ logger: false });
app.post(`/${command}`, (_request, reply) => {
  reply.send({ success: true, data: greeting });
});
await serveForBench(app);
