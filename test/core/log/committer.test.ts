import { expect, test } from 'vitest';
import { PloinkyError } from '../../../core/errors/ploinky-error.ts';
import type { EventEnvelope, NewEvent } from '../../../core/events/envelope.ts';
import { Committer, type Reopened } from '../../../core/log/committer.ts';
import type { Head } from '../../../core/log/log-port.ts';
import type { Stored } from '../../../core/log/read-events.ts';
import { encodeEvent, genesisHash } from '../../../core/log/record.ts';

/** A committer on a disk whose writes fail as told, and on which everything was stored all the same. */
function ground(fails: boolean[]) {
  const told: string[] = [];
  let onDisk: EventEnvelope[] = [];
  let written: EventEnvelope[] = [];
  const stored = {
    db: {
      location: 'nowhere',
      batch: () => ({
        put() {},
        write: async () => {
          onDisk = [...onDisk, ...written];
          if (fails.shift()) throw new Error('Input/output error');
        },
      }),
    },
    index: { add() {}, wholePages: () => [] },
  } as unknown as Stored;
  const reopenings: ('works' | 'fails')[] = [];
  const reopen = async (_stored: Stored, known: Head): Promise<Reopened> => {
    if (reopenings.shift() === 'fails') throw new PloinkyError('DISK_FULL', 'scripted');
    const found = onDisk.slice(known.seq);
    for (const { id } of found) told.push(`found ${id}`);
    const last = onDisk.at(-1);
    return { stored, head: last ? { seq: last.seq, hash: last.hash } : known, found };
  };
  const committer = new Committer({
    stored,
    head: { seq: 0, hash: genesisHash },
    reopen,
    onStored: (events) => told.push(...events.map(({ id }) => `told ${id}`)),
    onTrouble: () => {},
  });
  const add = (id: string) => {
    const event: NewEvent = { id, time: '', type: 't', v: 1, stream: 's', data: {}, actor: '', cause: null, trace: '' };
    written = [encodeEvent(event, onDisk.length + 1, onDisk.at(-1)?.hash ?? genesisHash).event];
    return committer.add([event], {}).then(
      () => told.push(`stored ${id}`),
      (error: PloinkyError) => told.push(`${error.code} ${id}`),
    );
  };
  return { told, add, reopenings };
}

test('who is told that a write failed is told after what it stored came to light', async () => {
  const { told, add } = ground([true]);
  await add('a');
  expect(told).toEqual(['found a', 'told a', 'LOG_WRITE_FAILED a']);
  await add('b');
  expect(told.slice(3)).toEqual(['told b', 'stored b']);
});

test('what was decided before such events came to light is refused, and the next is stored', async () => {
  const { told, add, reopenings } = ground([true]);
  reopenings.push('fails', 'works');
  await add('a');
  await add('b');
  await add('c');
  expect(told).toEqual(['LOG_WRITE_FAILED a', 'found a', 'told a', 'DISK_FULL b', 'told c', 'stored c']);
});
