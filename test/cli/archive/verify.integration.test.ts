import { readdirSync, statSync } from 'node:fs';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../core/log/database.ts';
import { groupRange, seqOfGroupKey } from '../../../core/log/keys.ts';
import { unseal } from '../../../core/log/sealed.ts';
import { groupEntry } from '../../../core/log/stored-groups.ts';
import { Folder, withServer } from './ground.ts';

/** Changes what is stored, with checksums that fit: what somebody does who knows the format. */
async function rewrite(data: string, change: (lines: string[], first: number) => string[] | null): Promise<void> {
  const db = await openDatabase(data);
  for (const [key, value] of await db.iterator(groupRange).all()) {
    const first = seqOfGroupKey(key);
    const lines = change((unseal(key, value) as string).split('\n'), first);
    if (lines === null) await db.del(key);
    else await db.put(...groupEntry(first, lines));
  }
  await db.close();
}

describe('verify of a folder', () => {
  it('finds a whole log whole and prints an anchor, which holds later', () =>
    Folder.use(60, async (folder, desk) => {
      const { exit, stdout, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--blobs']);
      expect([exit, stderr.includes('Hash chain')]).toEqual([0, true]);
      const head = await folder.head();
      expect(stdout).toContain('60 events: every number follows and every hash fits.');
      expect(stdout).toContain('1 payload: what events name is there.');
      expect(stdout).toContain(`Anchor ${head.seq}:${head.hash}`);
      await folder.grow(10);
      const again = await desk.run([
        'cloud',
        'verify',
        '--dir',
        'srv',
        '--anchor',
        `${head.seq}:${head.hash}`,
        '--json',
      ]);
      expect(again.exit).toBe(0);
      expect(JSON.parse(again.stdout)).toMatchObject({ events: 70, against: head, head: await folder.head() });
    }));

  it('names the first bad event, and changes nothing', () =>
    Folder.use(60, async (folder, desk) => {
      await rewrite(folder.data, (lines, first) =>
        first <= 20 && first + lines.length > 20 ? lines.map((l) => l.replace('"name":"h', '"name":"g')) : lines,
      );
      const { exit, stdout, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--json']);
      expect([exit, stdout]).toEqual([1, '']);
      const { error } = JSON.parse(stderr.trim().split('\n').at(-1) as string);
      expect(error).toMatchObject({ code: 'LOG_DAMAGED', details: { from: expect.any(Number) } });
      expect(error.details.from).toBeGreaterThan(13);
      expect(error.details.from).toBeLessThanOrEqual(20);
      expect(error.message).toContain(`Event ${error.details.from} was changed`);
    }));

  it.each([0.2, 0.5, 0.8])('names file and first bad event where a bit was flipped at %d of its table', (place) =>
    Folder.use(300, async (folder, desk) => {
      const tables = readdirSync(join(folder.data, 'log')).filter((name) => name.endsWith('.ldb'));
      const sizes = tables.map((name) => statSync(join(folder.data, 'log', name)).size);
      const name = tables[sizes.indexOf(Math.max(...sizes))] as string;
      const bytes = await readFile(join(folder.data, 'log', name));
      const at = Math.floor(bytes.length * place);
      bytes[at] = (bytes[at] as number) ^ 1;
      await writeFile(join(folder.data, 'log', name), bytes);
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--json']);
      const { error } = JSON.parse(stderr.trim().split('\n').at(-1) as string);
      expect([exit, error.code, error.message.includes(name)], error.message).toEqual([1, 'LOG_DAMAGED', true]);
      const repaired = await desk.run(['cloud', 'repair', '--dir', 'srv', '--to', 'x', '--json']);
      const { head } = JSON.parse(repaired.stdout);
      expect(error.details.from).toBe(head.seq + 1);
      expect(error.message).toContain(`The first event that cannot be read is ${head.seq + 1}.`);
    }),
  );

  it('names what is missing', () =>
    Folder.use(60, async (folder, desk) => {
      let gone: [number, number] = [0, 0];
      await rewrite(folder.data, (lines, first) => {
        if (first > 20 || first + lines.length <= 20) return lines;
        gone = [first, first + lines.length - 1];
        return null;
      });
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv']);
      expect(exit).toBe(1);
      expect(stderr).toContain(`The events ${gone[0]} to ${gone[1]} are missing`);
    }));

  it('an anchor shows a folder that was rolled back to an older state, which is whole in itself', () =>
    Folder.use(60, async (folder, desk) => {
      await cp(folder.data, `${folder.data}.older`, { recursive: true });
      const { seq, hash } = await folder.grow(25);
      await rm(folder.data, { recursive: true });
      await cp(`${folder.data}.older`, folder.data, { recursive: true });
      expect((await desk.run(['cloud', 'verify', '--dir', 'srv'])).exit).toBe(0);
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--anchor', `${seq}:${hash}`]);
      expect(exit).toBe(1);
      expect(stderr).toContain('The log ends at event 60, but the anchor is of event 85: 25 events are gone');
    }));

  it('an anchor shows rewritten history, or that it is of another log', () =>
    Folder.use(60, async (_folder, desk) => {
      const other = 'ab'.repeat(32);
      const anchor = `40:${other}`;
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--anchor', anchor]);
      expect(exit).toBe(1);
      // Whole, so that they can be compared.
      expect(stderr).toMatch(/Event 40 of the log has the hash [0-9a-f]{64}, the anchor says/);
      expect(stderr).toContain(`the anchor says ${other}: history was rewritten, or the anchor is of another log`);
    }));

  it('payloads are read only when asked for, and the event that names a bad one is told', () =>
    Folder.use(10, async (folder, desk) => {
      const file = await folder.addPayload('q'.repeat(9_000));
      await writeFile(file, 'something else');
      expect((await desk.run(['cloud', 'verify', '--dir', 'srv'])).exit).toBe(0);
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', '--blobs']);
      expect(exit).toBe(1);
      expect(stderr).toContain('Event 11 names a payload that is not whole.');
    }));

  it.each(['x', '12', '12:abc', `-1:${'a'.repeat(64)}`, `1.5:${'a'.repeat(64)}`, `${'a'.repeat(64)}:12`])(
    'takes no %s for an anchor',
    (text) =>
      Folder.use(5, async (_folder, desk) => {
        const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'srv', `--anchor=${text}`]);
        expect([exit, stderr.includes('--anchor takes <seq>:<hash>')]).toEqual([1, true]);
      }),
  );

  it('says that a folder holds no cloud', () =>
    Folder.use(5, async (_folder, desk) => {
      const { exit, stderr } = await desk.run(['cloud', 'verify', '--dir', 'nowhere']);
      expect([exit, stderr.includes('"nowhere" does not')]).toEqual([5, true]);
    }));
});

describe('verify of a running server', () => {
  it('checks up to the head of now, while it is written, and needs a login', () =>
    withServer(async (server, desk, admin) => {
      const first = await desk.run(['cloud', 'verify', '--json', '--blobs']);
      expect(first.exit, first.stderr).toBe(0);
      const { anchor, events } = JSON.parse(first.stdout);
      expect(events).toBeGreaterThan(3);
      await admin('/management/api/settings', { serverName: 'another' });
      const again = await desk.run(['cloud', 'verify', '--anchor', anchor]);
      expect([again.exit, again.stdout.includes(`Event ${events} is the one of the anchor.`)]).toEqual([0, true]);
      const other = await desk.run(['cloud', 'verify', '--anchor', `1:${'0'.repeat(64)}`, '--json']);
      expect(other.exit).toBe(1);
      expect(JSON.parse(other.stderr.trim().split('\n').at(-1) as string).error.code).toBe('ANCHOR_MISMATCH');
      expect((await fetch(`${server.url}/management/api/verify`)).status).toBe(401);
      expect((await admin('/management/api/verify?anchor=nonsense')).status).toBe(400);
      const lines = (await (await admin('/management/api/verify')).text())
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l));
      expect(lines.at(-1)).toMatchObject({ result: { head: { seq: expect.any(Number) }, blobs: null } });
      expect(lines[0]).toMatchObject({ step: { stage: 'chain', rate: expect.any(Number) } });
    }));
});
