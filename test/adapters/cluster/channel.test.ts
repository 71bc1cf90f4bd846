import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Channel } from '../../../adapters/cluster/channel.ts';

type Message = { readonly value: unknown };

/** Two ends; what one writes comes out of the other cut into pieces of `bytes`. */
function pair(bytes: number): { left: Duplex; right: Duplex; writes: string[] } {
  const writes: string[] = [];
  const end = (): { socket: Duplex; peer: { socket?: Duplex } } => {
    const peer: { socket?: Duplex } = {};
    const socket = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        writes.push(chunk.toString());
        for (let at = 0; at < chunk.length; at += bytes) peer.socket?.push(chunk.subarray(at, at + bytes));
        done();
      },
      final(done) {
        peer.socket?.push(null);
        done();
      },
    });
    return { socket, peer };
  };
  const [left, right] = [end(), end()];
  left.peer.socket = right.socket;
  right.peer.socket = left.socket;
  return { left: left.socket, right: right.socket, writes };
}

describe('the channel between the owner of the log and a worker', () => {
  it('brings every message whole and in order, however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 40 }),
        async (values, bytes) => {
          const { left, right } = pair(bytes);
          const got: unknown[] = [];
          const all = new Promise<void>((resolve) => {
            new Channel<Message, Message>(
              right,
              ({ value }) => {
                got.push(value);
                if (got.length === values.length) resolve();
              },
              () => {},
            );
          });
          const channel = new Channel<Message, Message>(
            left,
            () => {},
            () => {},
          );
          for (const value of values) channel.send({ value });
          await all;
          expect(got).toEqual(values.map((value) => JSON.parse(JSON.stringify(value))));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('sends what one turn of the event loop says in one piece', async () => {
    const { left, right, writes } = pair(1_000);
    const got = new Promise<void>((resolve) => {
      let count = 0;
      new Channel<Message, Message>(
        right,
        () => {
          count += 1;
          if (count === 3) resolve();
        },
        () => {},
      );
    });
    const channel = new Channel<Message, Message>(
      left,
      () => {},
      () => {},
    );
    for (const value of [1, 2, 3]) channel.send({ value });
    await got;
    expect(writes).toEqual(['{"value":1}\n{"value":2}\n{"value":3}\n']);
  });

  it('ends the connection on a line that is no JSON, and tells that it closed', async () => {
    const { left, right } = pair(1_000);
    const onMessage = vi.fn();
    const closed = new Promise<void>((resolve) => {
      new Channel<Message, Message>(right, onMessage, resolve);
    });
    left.write('{"value":\n{"value":2}\n');
    await closed;
    expect(right.destroyed).toBe(true);
  });

  it('sends what waits before it closes, and the other end learns of it', async () => {
    const { left, right } = pair(1_000);
    const got: unknown[] = [];
    const closed = new Promise<void>((resolve) => {
      new Channel<Message, Message>(right, ({ value }) => got.push(value), resolve);
    });
    const channel = new Channel<Message, Message>(
      left,
      () => {},
      () => {},
    );
    channel.send({ value: 'last' });
    channel.close();
    await closed;
    expect(got).toEqual(['last']);
  });
});
