import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { git } from '../agent-repository.ts';

/** Says back what it was asked, and which release it is of. */
const caller = `
module.exports = {
  say: (nonce) => ({ nonce, release: process.env.RELEASE }),
  async slow(nonce, ms) {
    await new Promise((resolve) => setTimeout(resolve, Number(ms)));
    return { nonce, release: process.env.RELEASE };
  },
};
`;

/** Pages, from a program as most are: SIGTERM ends it at once, whatever it is busy with. */
const plain = `
require('node:http').createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://x');
  let text = '';
  request.on('data', (bytes) => { text += bytes; });
  request.on('end', () => {
    const nonce = request.method === 'POST' ? text : searchParams.get('nonce');
    const answer = () => response.end(JSON.stringify({ nonce, release: process.env.RELEASE }));
    setTimeout(answer, Number(searchParams.get('ms') ?? 0));
  });
}).listen(Number(process.env.PORT), process.env.PLOINKY_LISTEN_HOST);
process.on('SIGTERM', () => process.exit(143));
`;

/**
 * Events and WebSockets. It goes as a web service should: on SIGTERM it takes no more, says goodbye on its WebSockets
 * (1001), ends its streams, and is gone when the last answer is out.
 */
const web = `
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const sockets = new Set();
const streams = new Set();
const server = createServer((request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let n = 0;
  const timer = setInterval(() => response.write('data: ' + ++n + '\\n\\n'), 100);
  streams.add(response);
  response.write('data: of release ' + process.env.RELEASE + '\\n\\n');
  response.on('close', () => { clearInterval(timer); streams.delete(response); });
});
const frame = (opcode, body) => Buffer.concat([Buffer.from([0x80 | opcode, body.length]), body]);
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(request.headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11');
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n' +
    'Sec-WebSocket-Accept: ' + accept.digest('base64') + '\\r\\n\\r\\n');
  let waiting = Buffer.alloc(0);
  sockets.add(socket);
  socket.on('error', () => {});
  socket.on('close', () => sockets.delete(socket));
  socket.on('data', (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    while (waiting.length >= 6 && waiting.length >= 6 + (waiting[1] & 0x7f)) {
      const length = waiting[1] & 0x7f;
      const body = Buffer.from(waiting.subarray(6, 6 + length));
      for (let i = 0; i < length; i += 1) body[i] ^= waiting[2 + (i % 4)];
      const opcode = waiting[0] & 0x0f;
      waiting = waiting.subarray(6 + length);
      if (opcode === 8) socket.end();
      else socket.write(frame(opcode, body));
    }
  });
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  for (const socket of sockets) socket.write(frame(8, Buffer.from([0x03, 0xe9])));
  for (const response of streams) response.end();
});
server.listen(Number(process.env.PORT), process.env.PLOINKY_LISTEN_HOST);
`;

/** A real Git repository with the agents `caller`, `plain` and `web`. */
export function makeRedeployRepository(folder: string): string {
  const files: Readonly<Record<string, string>> = {
    'caller/manifest.json': JSON.stringify({ name: 'caller', network: 'none' }),
    'caller/index.js': caller,
    'plain/manifest.json': JSON.stringify({ name: 'plain', port: 3000, run: 'exec node server.js' }),
    'plain/server.js': plain,
    'web/manifest.json': JSON.stringify({ name: 'web', port: 3000, run: 'exec node server.js' }),
    'web/server.js': web,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'Answer');
  return folder;
}
