import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { HeaderReader } from './headers.js';
import { variablesOf } from './variables.js';

/*
 * Runs cgi-bin/<name>.sh for each request of /<name>, in the way of RFC 3875: the request is in the environment and on
 * standard input; what the script prints is headers, an empty line, and the body.
 */

const port = Number(process.env.PORT ?? 8080);
const host = process.env.PLOINKY_LISTEN_HOST;
const folder = fileURLToPath(new URL('cgi-bin/', import.meta.url));
const withinMs = 30_000;
/** Scripts at one time. */
const most = 64;

/** The only programs that can be run: no address is ever made into a path. */
const scripts = new Map(
  readdirSync(folder)
    .filter((file) => file.endsWith('.sh'))
    .map((file) => [file.slice(0, -'.sh'.length), `${folder}${file}`]),
);

const running = new Set();

const server = createServer((request, response) => {
  const [path, query = ''] = splitOnce(request.url, '?');
  const [, name, rest] = /^\/([^/]*)(.*)$/s.exec(path) ?? ['', '', ''];
  const script = scripts.get(name === '' ? 'index' : name);
  if (!script) return refuse(response, 404, `There is no script ${name}.sh in cgi-bin.`);
  if (running.size >= most) return refuse(response, 503, 'Too many scripts run at this moment.');
  run(script, variablesOf(request, { name, rest, query, port }), request, response);
});

function run(script, variables, request, response) {
  const child = spawn('sh', [script], {
    cwd: folder,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...variables },
    // A group of its own, so that what a script started ends with it.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  running.add(child);
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  };
  const timer = setTimeout(() => {
    refuse(response, 504, `The script did not end within ${withinMs} ms.`);
    end();
  }, withinMs);
  child.on('error', (error) => refuse(response, 500, `The script could not be started: ${error.message}`));
  child.on('close', () => {
    running.delete(child);
    clearTimeout(timer);
  });
  // A script that does not read its input is none of our trouble.
  child.stdin.on('error', () => request.resume());
  request.pipe(child.stdin);
  // Whoever asked has gone: nobody waits for the rest.
  response.on('close', () => {
    if (!response.writableFinished) end();
  });
  answer(child.stdout, request, response);
}

function answer(output, request, response) {
  const reader = new HeaderReader();
  const onPart = (part) => {
    const head = reader.read(part);
    if (head === null) return;
    output.off('data', onPart);
    if (head.problem) return refuse(response, 502, head.problem);
    if (response.headersSent) return;
    response.writeHead(head.status, head.headers);
    if (head.body.length > 0 && request.method !== 'HEAD') response.write(head.body);
    // HEAD: what a script prints all the same is read and dropped, so that it can end.
    if (request.method === 'HEAD') output.resume().on('end', () => response.end());
    else output.pipe(response);
  };
  output.on('data', onPart);
  output.on('end', () => {
    if (!response.headersSent)
      refuse(response, 502, 'The script ended before it had printed headers and an empty line.');
  });
}

function refuse(response, status, message) {
  if (response.headersSent) return response.destroy();
  const body = `${message}\n`;
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function splitOnce(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + mark.length)];
}

server.listen(port, host, () => console.log(`cgi listens on port ${port}: ${[...scripts.keys()].sort().join(', ')}`));

process.once('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
