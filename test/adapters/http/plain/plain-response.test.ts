import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PlainResponse } from '../../../../adapters/http/plain/plain-response.ts';

/** A connection whose system takes nothing until it is told what becomes of it. */
function heldBack() {
  let say: (error?: Error) => void = () => {};
  const socket = new Duplex({
    read() {},
    write(_bytes, _encoding, done) {
      say = done;
    },
  });
  socket.on('error', () => {});
  return { socket: socket as Socket, say: (error?: Error) => say(error) };
}

function answering() {
  const told: string[] = [];
  const { socket, say } = heldBack();
  const response = new PlainResponse({ keepAliveMs: 5_000, answered: () => told.push('answered') }, socket);
  response.on('close', () => told.push('closed'));
  response.whole(200, ['content-length', '2'], 'ok', 2);
  return { told, say, response };
}

describe('an answer', () => {
  it('is finished when the system has taken all of it', async () => {
    const { told, say, response } = answering();
    expect([told, response.writableFinished]).toEqual([[], false]);
    say();
    await new Promise((resolve) => setImmediate(resolve));
    // What says that it is all: a write of nothing behind it.
    say();
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, response.writableFinished]).toEqual([['closed', 'answered'], true]);
  });

  it('is never finished where the connection broke before that', async () => {
    const { told, say, response } = answering();
    say(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    await new Promise((resolve) => setImmediate(resolve));
    expect([told, response.writableFinished]).toEqual([[], false]);
  });
});
