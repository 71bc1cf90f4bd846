import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Connections } from '../../../adapters/http/connections.ts';

class FakeSocket extends EventEmitter {
  bytesWritten = 0;
  writableLength = 0;
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const connections = new Connections();
const open = () => {
  const fake = new FakeSocket();
  connections.add(fake as unknown as Socket);
  return fake;
};
afterEach(() => connections.close());

it('drops a peer that takes nothing, not a quiet one nor a slow one', () => {
  const [stalled, quiet, slow] = [open(), open(), open()];
  for (const socket of [stalled, slow]) Object.assign(socket, { bytesWritten: 1_000, writableLength: 900 });
  for (let look = 0; look < 5; look += 1) {
    connections.dropStalled();
    slow.writableLength -= 1;
  }
  expect([stalled.destroyed, quiet.destroyed, slow.destroyed]).toEqual([true, false, false]);
});

it('closing ends connections that were never used', () => {
  const [used, unused] = [open(), open()];
  connections.used(used as unknown as Socket);
  connections.close();
  expect([used.destroyed, unused.destroyed]).toEqual([false, true]);
});
