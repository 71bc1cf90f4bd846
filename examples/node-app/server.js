const { createHash } = require('node:crypto');
const { createServer } = require('node:http');
const { page } = require('./page.js');

/** Any other web framework does as well: all it has to do is to listen on PORT. */
const port = Number(process.env.PORT ?? 3000);
/** A plain process of the machine shall not be open to its network; in a container all addresses are its own. */
const host = process.env.PLOINKY_LISTEN_HOST;
const most = 64 * 1024;

const routes = {
  'GET /': (_request, response) => send(response, 200, 'text/html; charset=utf-8', page),
  'GET /hello': (_request, response, url) => json(response, 200, { message: greet(url.searchParams.get('name')) }),
  'POST /hello': greetFromForm,
  'POST /echo': echo,
  'POST /upload': upload,
  'GET /ticks': ticks,
};

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const route = routes[`${method} ${url.pathname}`];
  if (!route) return json(response, 404, { error: `There is no ${request.method} ${url.pathname} here.` });
  try {
    await route(request, response, url);
  } catch (error) {
    if (response.headersSent) return response.destroy();
    json(response, error.status ?? 500, { error: error.message });
  }
});

function greet(name) {
  return `${process.env.GREETING ?? 'Hello'}, ${name || 'World'}!`;
}

/** What the form of the page sends. A relative address leads back to the page, wherever the agent is deployed. */
async function greetFromForm(request, response) {
  const fields = new URLSearchParams(await text(request));
  send(response, 200, 'text/plain; charset=utf-8', `${greet(fields.get('name'))}\n`);
}

async function echo(request, response) {
  const body = await text(request);
  try {
    json(response, 200, { you: JSON.parse(body), behind: request.headers['x-forwarded-prefix'] ?? null });
  } catch {
    throw problem(400, 'The body is no JSON.');
  }
}

/** Of any size: nothing is kept but the count and the hash. */
async function upload(request, response) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const part of request) {
    hash.update(part);
    bytes += part.length;
  }
  json(response, 200, { bytes, sha256: hash.digest('hex') });
}

/** Server-sent events: one a second, or as often as `every` says in milliseconds, `count` of them. */
function ticks(request, response, url) {
  const every = Math.min(Math.max(Number(url.searchParams.get('every')) || 1000, 10), 60_000);
  const count = Math.min(Number(url.searchParams.get('count')) || 10, 1000);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  if (request.method === 'HEAD') return response.end();
  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    response.write(`id: ${tick}\ndata: ${new Date().toISOString()}\n\n`);
    if (tick >= count) response.end();
  }, every);
  // Also when the reader goes away in the middle.
  response.on('close', () => clearInterval(timer));
}

async function text(request) {
  const parts = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += part.length;
    if (bytes > most) throw problem(413, `The body is over ${most} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function problem(status, message) {
  return Object.assign(new Error(message), { status });
}

function json(response, status, value) {
  send(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

function send(response, status, type, body) {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

server.listen(port, host, () => console.log(`node-app listens on port ${port}`));

// Answers under way are finished before the process ends.
process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
