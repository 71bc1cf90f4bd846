import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { cameByHttps, clientAddress, peerOf } from '../../../adapters/http/auth/peer.ts';
import { fromWorker, peerHeader, peerValue } from '../../../adapters/http/inner-socket.ts';
import { requestHead } from '../../../adapters/http/pass-through/request-head.ts';

const inner = { path: '/run/server.sock', token: 'a'.repeat(64) };

/** As it comes over the socket for workers: nobody is seen at its other end. */
const passedOn = (headers: Record<string, string>) => {
  return { headers, socket: { remoteAddress: undefined } } as unknown as IncomingMessage;
};

describe('a request that a worker passed on', () => {
  it('came from whom the worker saw', () => {
    const request = passedOn({ [peerHeader]: peerValue(inner, { address: '192.0.2.7', encrypted: true }) });
    expect(fromWorker(request, inner)).toBe(true);
    expect(peerOf(request)).toEqual({ address: '192.0.2.7', encrypted: true });
    expect(clientAddress(request)).toBe('192.0.2.7');
    expect(cameByHttps(request)).toBe(true);
  });

  it('is told from a proxy on this machine, which is believed as far as without workers', () => {
    const forwarded = { 'x-forwarded-for': '198.51.100.1', 'x-forwarded-proto': 'https' };
    const local = passedOn({
      ...forwarded,
      [peerHeader]: peerValue(inner, { address: '127.0.0.1', encrypted: false }),
    });
    const remote = passedOn({
      ...forwarded,
      [peerHeader]: peerValue(inner, { address: '192.0.2.7', encrypted: false }),
    });
    expect(fromWorker(local, inner) && fromWorker(remote, inner)).toBe(true);
    expect([clientAddress(local), cameByHttps(local)]).toEqual(['198.51.100.1', true]);
    expect([clientAddress(remote), cameByHttps(remote)]).toEqual(['192.0.2.7', false]);
  });

  it('shows nobody the token', () => {
    const request = passedOn({ [peerHeader]: peerValue(inner, { address: '127.0.0.1', encrypted: false }) });
    fromWorker(request, inner);
    expect(JSON.stringify(request.headers)).not.toContain(inner.token);
  });

  it('is refused without the token, with another one, and with two notes', () => {
    const other = peerValue({ ...inner, token: 'b'.repeat(64) }, { address: '127.0.0.1', encrypted: false });
    const own = peerValue(inner, { address: '127.0.0.1', encrypted: false });
    const tries = [{}, { [peerHeader]: '' }, { [peerHeader]: other }, { [peerHeader]: `${other}, ${own}` }];
    expect(tries.map((headers) => fromWorker(passedOn(headers), inner))).toEqual([false, false, false, false]);
  });

  it('carries the note of the worker alone, whatever its client sent, and the rest as it came', () => {
    const rawHeaders = [
      'Host',
      'a.example',
      'X-Ploinky-Peer',
      'forged',
      'X-Forwarded-For',
      '198.51.100.1',
      'Cookie',
      'c=1',
    ];
    const request = { method: 'GET', rawHeaders, headers: {}, httpVersionMinor: 1 } as unknown as IncomingMessage;
    const inside = { name: peerHeader, value: 'true' };
    const head = requestHead(request, { path: '/management', prefix: '', withhold: null, inside }, null);
    expect(head.split('\r\n')).toEqual([
      'GET /management HTTP/1.1',
      'Host: a.example',
      'X-Forwarded-For: 198.51.100.1',
      'Cookie: c=1',
      'x-ploinky-peer: true',
      '',
      '',
    ]);
  });
});
