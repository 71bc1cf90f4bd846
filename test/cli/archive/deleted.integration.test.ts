import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createArchive } from '../../../adapters/archive/archive.ts';
import type { NewEvent } from '../../../core/events/envelope.ts';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { eventOf, KeptCloud } from '../../adapters/retention/kept-cloud.ts';
import { Desk } from '../desk.ts';

let cloud: KeptCloud;
/** First event that tells of the deletion. */
let deletedAt: number;

beforeEach(async () => {
  cloud = new KeptCloud();
  await cloud.open();
  const events: NewEvent[] = [eventOf(1, null, '')];
  const next = () => events.length + 1;
  for (let i = 0; i < 30; i += 1) {
    if (i % 3 === 2) events.push(eventOf(next(), null, ''));
    events.push(eventOf(next(), 'begin', `t${i}`), eventOf(next(), 'end', `t${i}`));
  }
  for (let i = 0; i < events.length; i += 4) await cloud.log.append(events.slice(i, i + 4));
  cloud.settings = { 'retention.tasks': '7d' };
  await cloud.run();
});
afterEach(() => cloud.end());

/** Lets go of what was sealed, and adds something. */
async function deleted(): Promise<void> {
  cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
  await cloud.run();
  deletedAt = cloud.log.head().seq;
  await cloud.log.append([eventOf(5_000, null, '')]);
}

/** Closes the log, and runs commands on its folder, which they know as `kept`. */
function withDesk(work: (desk: Desk, run: (...argv: string[]) => Promise<string>) => Promise<void>): Promise<void> {
  return Desk.use(async (desk) => {
    await cloud.log.close();
    await work(desk, async (...argv) => {
      const words = argv.map((word) => (word === 'kept' ? cloud.folder : word));
      const { exit, stdout, stderr } = await desk.run(['cloud', ...words]);
      expect(exit, stderr).toBe(0);
      return stdout;
    });
  });
}

describe.each([
  ['sealed', async () => {}],
  ['deleted', deleted],
])('a log whose old task events were %s', (_what, prepare) => {
  it('comes back from a backup, an export and a fork the same', async () => {
    await prepare();
    await withDesk(async (desk, run) => {
      const state = JSON.parse(await run('state', '--dir', 'kept', '--json'));
      const { seq, hash } = state as { seq: number; hash: string };
      await run('backup', 'b', '--dir', 'kept');
      await run('restore', 'b', '--dir', 'restored');
      await run('export', 'e', '--dir', 'kept');
      await run('import', 'e', '--dir', 'imported');
      await run('fork', '--at', 'head', '--from-dir', 'kept', '--dir', 'forked');
      await run('repair', '--dir', 'kept', '--to', 'repaired');
      for (const dir of ['restored', 'imported', 'forked', 'repaired']) {
        await run('verify', '--dir', dir, '--anchor', `${seq}:${hash}`);
        expect(JSON.parse(await run('state', '--dir', dir, '--json')), dir).toEqual(state);
        const all = async (of: string) => await run('history', '--dir', of, '--limit', '0', '--json');
        expect(await all(dir), dir).toBe(await all('kept'));
      }
      expect(await run('export', '--dir', 'imported').then((text) => text.split('\n').slice(1))).toEqual(
        readFileSync(join(desk.folder, 'e'), 'utf8').split('\n').slice(1),
      );
      // It goes on as any other log.
      const log = await openLevelLog({ folder: join(desk.folder, 'imported/.ploinky-cloud'), holder: 'test' });
      await log.append([eventOf(9_000, null, '')]);
      await log.verify();
      await log.close();
    });
  });
});

describe('while a copy is made', () => {
  it('nothing that it needs is moved or removed', async () => {
    cloud.settings = { 'retention.tasks': '7d', 'retention.segments': '14d' };
    const retention = await cloud.retention();
    const { log, blobs, folder } = cloud;
    const archive = createArchive({
      ...{ log, blobs, folder, version: '1', now: () => performance.now() },
      hold: () => retention.hold(),
    });
    const release = await retention.hold();
    let ended = false;
    const run = retention.run().then(() => {
      ended = true;
    });
    const pieces: Buffer[] = [];
    for await (const piece of archive.backup({ repositories: false })) pieces.push(piece as Buffer);
    expect([ended, readdirSync(join(folder, 'segments')).length]).toEqual([false, 1]);
    release();
    await run;
    expect(readdirSync(join(folder, 'segments'))).toEqual([]);
    await withDesk(async (desk, command) => {
      writeFileSync(join(desk.folder, 'b'), Buffer.concat(pieces));
      await command('restore', 'b', '--dir', 'again');
      await command('verify', '--dir', 'again');
      expect(readdirSync(join(desk.folder, 'again/.ploinky-cloud/segments'))).toHaveLength(1);
    });
  });
});

describe('a log whose old task events were deleted', () => {
  it('is forked and exported only with the event that tells of it, and not from its midst', async () => {
    await deleted();
    await withDesk(async (desk) => {
      for (const [argv, words] of [
        [['fork', '--at', '40', '--dir', 'x', '--from-dir', cloud.folder], `Name event ${deletedAt}`],
        [['export', '--to', '40', '--dir', cloud.folder], `Name event ${deletedAt}`],
        [['export', '--from', '20', '--dir', cloud.folder], 'Begin with event 1'],
      ] as const) {
        const { exit, stderr } = await desk.run(['cloud', ...argv]);
        expect([exit, stderr.includes(words)], stderr).toEqual([1, true]);
      }
    });
  });

  it('cannot be made of an export in which a deletion was forged', async () => {
    await deleted();
    await withDesk(async (desk, run) => {
      const lines = (await run('export', '--dir', 'kept')).split('\n');
      const at = lines.findIndex((line) => line.startsWith('{"gap"'));
      // One more event is left out, as if it had been deleted with the others.
      const gap = JSON.parse(lines[at] as string);
      const taken = JSON.parse(lines[at + 1] as string);
      const forged = { ...gap, gap: { ...gap.gap, to: taken.seq, last: taken.hash } };
      lines.splice(at, 2, JSON.stringify(forged));
      writeFileSync(join(desk.folder, 'forged'), lines.join('\n'));
      const { exit, stderr } = await desk.run(['cloud', 'import', 'forged', '--dir', 'x']);
      expect([exit, stderr.includes('its deleted ranges were changed')], stderr).toEqual([1, true]);
    });
  });
});
