// Fastify that asks the agent over its socket with undici and keeps nothing: what a gateway without a log looks like
// when it is made of the usual parts.
import { fastify } from 'fastify';
import { Pool } from 'undici';
import { serveForBench } from './serve-for-bench.ts';

const agent = new Pool('http://agent', { connections: 256, socketPath: process.env.AGENT_SOCKET ?? '' });
const headers = { 'content-type': 'application/json' };
const app = fastify({ logger: false });

app.post<{ Params: { command: string }; Body: { params: unknown[] } }>('/:command', async (request, reply) => {
  const { command } = request.params;
  const body = JSON.stringify({ command, params: request.body.params });
  const answer = await agent.request({ path: '/task', method: 'POST', headers, body });
  const text = await answer.body.text();
  return reply.code(answer.statusCode).type('application/json; charset=utf-8').send(text);
});
await serveForBench(app);
