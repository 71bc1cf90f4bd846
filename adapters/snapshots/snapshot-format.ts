import { hash as digest } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type { FoldedState } from '../../core/kernel/store.ts';
import type { SnapshotHead } from '../../history/snapshots.ts';

/** Raised when the form of the file changes; others are passed over. */
const format = 1;

/** Version of each projection's reducer, by its name in `Views`. */
export type Reducers = Readonly<Record<string, number>>;

export interface FileHead extends SnapshotHead {
  readonly format: number;
  readonly reducers: Reducers;
  /** SHA-256 of the bytes after the first line. */
  readonly body: string;
}

/** Longest first line that is looked for. */
export const longestHead = 16 * 1024;

/** Entities in one line of the body, and so between two pauses. */
const perLine = 200;

/** Level 1: a snapshot is read as often as it is written, and its size matters little. */
const compress = promisify(gzip);
const decompress = promisify(gunzip);

/**
 * A snapshot as a file: a line with its SHA-256 and the head, then the entities as gzip of one JSON line for each few
 * hundred of them. Pauses on the way, so that a large state holds nobody up.
 */
export async function encodeSnapshot(state: FoldedState, reducers: Reducers): Promise<Buffer> {
  const lines: string[] = [];
  for (const [name, entities] of Object.entries(state.entities)) {
    for (let at = 0; at < entities.length; at += perLine) {
      lines.push(JSON.stringify([name, entities.slice(at, at + perLine)]));
      await breathe();
    }
  }
  const body = await compress(lines.join('\n'), { level: constants.Z_BEST_SPEED });
  const { seq, hash, latest } = state;
  const head: FileHead = { format, seq, hash, latest, reducers, body: digest('sha256', body, 'hex') };
  const json = JSON.stringify(head);
  return Buffer.concat([Buffer.from(`${digest('sha256', json, 'hex')} ${json}\n`), body]);
}

/** Why a snapshot cannot be used. */
export class UnusableSnapshot extends Error {}

/** The head out of the first bytes of a file. @throws UnusableSnapshot */
export function decodeHead(bytes: Buffer, reducers: Reducers): FileHead {
  const end = bytes.indexOf(10);
  const line = bytes.subarray(0, Math.max(0, end)).toString('utf8');
  const json = line.slice(65);
  if (end < 0 || line[64] !== ' ' || digest('sha256', json, 'hex') !== line.slice(0, 64)) {
    throw new UnusableSnapshot('it is damaged');
  }
  const head = JSON.parse(json) as FileHead;
  if (head.format !== format) throw new UnusableSnapshot(`it has the format ${head.format}, not ${format}`);
  const names = new Set([...Object.keys(head.reducers), ...Object.keys(reducers)]);
  for (const name of names) {
    if (head.reducers[name] !== reducers[name]) {
      throw new UnusableSnapshot(`its reducer of ${name} is another version`);
    }
  }
  return head;
}

/** The whole of a file. @throws UnusableSnapshot */
export async function decodeSnapshot(bytes: Buffer, reducers: Reducers): Promise<FoldedState> {
  const { seq, hash, latest, body } = decodeHead(bytes, reducers);
  const packed = bytes.subarray(bytes.indexOf(10) + 1);
  if (digest('sha256', packed, 'hex') !== body) throw new UnusableSnapshot('it is damaged');
  const entities: Record<string, [string, object][]> = Object.fromEntries(
    Object.keys(reducers).map((name) => [name, []]),
  );
  const unpacked = await decompress(packed);
  for (let at = 0; at < unpacked.length; ) {
    const end = unpacked.indexOf(10, at);
    const line = unpacked.toString('utf8', at, end < 0 ? unpacked.length : end);
    const [name, some] = JSON.parse(line) as [string, [string, object][]];
    for (const entity of some) entities[name]?.push(entity);
    at = end < 0 ? unpacked.length : end + 1;
    await breathe();
  }
  return { seq, hash, latest, entities };
}
