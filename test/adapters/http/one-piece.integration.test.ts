import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endInOnePiece } from '../../../adapters/http/one-piece.ts';

const texts: Readonly<Record<string, string>> = {
  '/ascii': '{"a":1}',
  '/other': '{"a":"žluťoučký 🐎"}',
  '/large': 'x'.repeat(100_000),
  '/empty': '',
};

let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    const text = texts[request.url ?? ''] ?? '';
    const bytes = Buffer.byteLength(text);
    response.writeHead(200, ['content-length', String(bytes)]);
    endInOnePiece(response, text, bytes);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
});

/** Everything that comes back for what was sent in one piece, until the server ends the connection. */
async function conversation(sent: string): Promise<string> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(sent);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

function bodies(answers: string): string[] {
  return answers
    .split(/HTTP\/1\.1 200 OK\r\n/)
    .slice(1)
    .map((answer) => answer.slice(answer.indexOf('\r\n\r\n') + 4));
}

describe('endInOnePiece', () => {
  it('answers requests that came at once, each whole and in order', async () => {
    const paths = ['/ascii', '/other', '/empty', '/large', '/ascii'];
    const requests = paths.map((path, i) => {
      return `GET ${path} HTTP/1.1\r\nhost: a\r\n${i === paths.length - 1 ? 'connection: close\r\n' : ''}\r\n`;
    });
    expect(bodies(await conversation(requests.join('')))).toEqual(paths.map((path) => texts[path]));
  });

  it('ends the connection of a client that asks for one answer', async () => {
    expect(bodies(await conversation('GET /ascii HTTP/1.0\r\n\r\n'))).toEqual([texts['/ascii']]);
  });

  it('gives HEAD the length and no text', async () => {
    const answer = await conversation('HEAD /ascii HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/content-length: 7\r\n/);
    expect(bodies(answer)).toEqual(['']);
  });
});
