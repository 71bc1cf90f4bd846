import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Room } from './room.js';
import { acceptWebSocket } from './websocket.js';

const port = Number(process.env.PORT ?? 3000);
/** A plain process of the machine shall not be open to its network; in a container all addresses are its own. */
const host = process.env.PLOINKY_LISTEN_HOST;

const types = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
};
const files = new Map(
  ['index.html', 'chat.css', 'chat.js'].map((name) => {
    const content = readFileSync(new URL(`public/${name}`, import.meta.url));
    return [name === 'index.html' ? '/' : `/${name}`, { content, type: types[name.split('.').at(-1)] }];
  }),
);

const room = new Room();

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  const file = files.get(pathname);
  const known = file && (request.method === 'GET' || request.method === 'HEAD');
  const { content, type } = known ? file : { content: Buffer.from('There is no such page.\n'), type: 'text/plain' };
  response.writeHead(known ? 200 : 404, { 'content-type': type, 'content-length': content.length });
  response.end(request.method === 'HEAD' ? undefined : content);
});

server.on('upgrade', (request, socket, head) => {
  const url = new URL(request.url, 'http://localhost');
  if (url.pathname !== '/socket')
    return socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  const connection = acceptWebSocket(request, socket, head);
  if (connection) room.enter(connection, url.searchParams.get('name'));
});

server.listen(port, host, () => console.log(`chat listens on port ${port}`));

process.once('SIGTERM', () => {
  room.close();
  server.close();
  server.closeIdleConnections();
});
