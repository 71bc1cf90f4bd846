import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { Level } from 'level';
import { describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../core/events/envelope.ts';
import { groupRange, seqOfGroupKey } from '../../../core/log/keys.ts';
import { openLevelLog } from '../../../core/log/level-log.ts';
import { unseal } from '../../../core/log/sealed.ts';
import type { Desk } from '../desk.ts';
import { Folder, fingerprint } from './ground.ts';

interface Told {
  readonly whole: boolean;
  readonly head: { readonly seq: number; readonly hash: string };
  readonly once: number;
  readonly aside: readonly { readonly from: number; readonly to: number; readonly file: string }[];
  readonly lost: readonly { readonly from: number; readonly to: number }[];
  readonly blobs: { readonly saved: number; readonly damaged: readonly string[]; readonly missing: readonly string[] };
  readonly troubles: readonly string[];
}

async function repaired(desk: Desk, code: number): Promise<Told> {
  const argv = ['cloud', 'repair', '--dir', 'srv', '--to', 'repaired', '--json'];
  const { exit, stdout, stderr } = await desk.run(argv);
  expect(exit, stderr).toBe(code);
  return JSON.parse(stdout) as Told;
}

async function events(data: string): Promise<EventEnvelope[]> {
  const log = await openLevelLog({ folder: data, holder: 'test', readOnly: true });
  const all: EventEnvelope[] = [];
  for await (const event of log.read()) all.push(event);
  await log.close();
  return all;
}

/** What was put aside, by seq. */
function asideOf(desk: Desk, { aside }: Told): EventEnvelope[] {
  return aside.flatMap(({ from, to, file }) => {
    const lines = readFileSync(join(desk.folder, 'repaired', file), 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines[0]).toMatchObject({ format: 'ploinky-unsaved', from });
    expect(lines.at(-1).trailer.head.seq).toBe(to);
    return lines.slice(1, -1) as EventEnvelope[];
  });
}

/** Nothing is invented, nothing is forgotten: every event is saved, aside or told as lost, and those that are there are true. */
async function requireTrue(desk: Desk, told: Told, original: readonly EventEnvelope[]): Promise<void> {
  const { head, lost, aside, once } = told;
  if (head.seq > 0) {
    const verified = await desk.run(['cloud', 'verify', '--dir', 'repaired']);
    expect(verified.exit, verified.stderr).toBe(0);
    expect(await events(join(desk.folder, 'repaired/.ploinky-cloud'))).toEqual(original.slice(0, head.seq));
  }
  for (const event of asideOf(desk, told)) expect(event).toEqual(original[event.seq - 1]);
  const ranges = [...(head.seq > 0 ? [{ from: 1, to: head.seq }] : []), ...aside, ...lost];
  let next = 1;
  for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
    expect(from).toBe(next);
    next = to + 1;
  }
  expect(next).toBe(once + 1);
}

/** The same folder, but for the groups that hold these events. */
async function without(data: string, lost: readonly number[]): Promise<void> {
  const from = new Level<string, string>(join(data, 'log'));
  const to = new Level<string, string>(join(data, 'log.thinned'));
  for (const [key, value] of await from.iterator().all()) {
    const isGroup = key >= groupRange.gte && key < groupRange.lt;
    const first = seqOfGroupKey(key);
    const last = first + (unseal(key, value) ?? '').split('\n').length - 1;
    if (!isGroup || !lost.some((seq) => seq >= first && seq <= last)) await to.put(key, value);
  }
  await Promise.all([from.close(), to.close()]);
  await rm(join(data, 'log'), { recursive: true });
  cpSync(join(data, 'log.thinned'), join(data, 'log'), { recursive: true });
  await rm(join(data, 'log.thinned'), { recursive: true });
}

describe('repair', () => {
  it('of a folder that is whole saves all of it and changes nothing', () =>
    Folder.use(60, async (folder, desk) => {
      await desk.write('srv/.ploinky-cloud/secrets/db/1', 'ciphertext');
      const before = fingerprint(folder.data);
      const told = await repaired(desk, 0);
      expect(told).toMatchObject({ whole: true, once: 60, lost: [], aside: [], blobs: { saved: 1 }, troubles: [] });
      expect(fingerprint(folder.data)).toEqual(before);
      await requireTrue(desk, told, await events(folder.data));
      const state = async (dir: string) => (await desk.run(['cloud', 'state', '--dir', dir, '--json'])).stdout;
      expect(await state('repaired')).toBe(await state('srv'));
      expect(await readFile(join(desk.folder, 'repaired/.ploinky-cloud/secrets/db/1'), 'utf8')).toBe('ciphertext');
      const text = await desk.run(['cloud', 'repair', '--dir', 'srv', '--to', 'again']);
      expect(text.stdout).toContain('Saved 60 events of 60, and 1 payload');
      expect(text.stdout).toContain('Nothing is missing.');
    }));

  it.each(['CURRENT', 'MANIFEST', 'CURRENT and MANIFEST'])('needs no %s', (name) =>
    Folder.use(60, async (folder, desk) => {
      const original = await events(folder.data);
      for (const file of readdirSync(join(folder.data, 'log'))) {
        if (name.split(' and ').some((begin) => file.startsWith(begin))) rmSync(join(folder.data, 'log', file));
      }
      const refused = await desk.run(['cloud', 'state', '--dir', 'srv']);
      expect([refused.exit, refused.stderr.includes('p-cli cloud repair')]).toEqual([1, true]);
      const told = await repaired(desk, 0);
      expect(told).toMatchObject({ whole: true, head: { seq: 60 } });
      await requireTrue(desk, told, original);
    }),
  );

  it('keeps the log up to the first hole, and what is good behind it in files beside it', () =>
    Folder.use(100, async (folder, desk) => {
      const original = await events(folder.data);
      await without(folder.data, [30, 70]);
      const before = fingerprint(folder.data);
      const told = await repaired(desk, 1);
      expect(fingerprint(folder.data)).toEqual(before);
      expect(told.lost).toHaveLength(2);
      expect(told.aside).toHaveLength(2);
      expect(told.head.seq).toBe((told.lost[0]?.from ?? 0) - 1);
      await requireTrue(desk, told, original);
      const { stdout } = await desk.run(['cloud', 'repair', '--dir', 'srv', '--to', 'told']);
      const [first, second] = told.lost;
      expect(stdout).toContain(`Lost: events ${first?.from} to ${first?.to}`);
      expect(stdout).toContain(`Good, but behind a hole: events ${(first?.to ?? 0) + 1} to ${(second?.from ?? 0) - 1}`);
    }));

  it('keeps idempotency keys of what it saved', () =>
    Folder.use(60, async (_folder, desk) => {
      await repaired(desk, 0);
      const { newEvent } = await import('../../new-event.ts');
      const log = await openLevelLog({ folder: join(desk.folder, 'repaired/.ploinky-cloud'), holder: 'test' });
      const [first] = await log.append([newEvent()], { idempotencyKey: 'first' });
      await log.close();
      expect(first).toMatchObject({ seq: 1, type: 'cloud.initialized' });
    }));

  it('tells of a tail that is gone, as far as the head marker remembers it', () =>
    Folder.use(60, async (folder, desk) => {
      const original = await events(folder.data);
      await without(folder.data, [59, 60]);
      const told = await repaired(desk, 1);
      expect(told.lost).toEqual([{ from: told.head.seq + 1, to: 60 }]);
      await requireTrue(desk, told, original);
    }));

  it('where the beginning is lost, makes no log and puts the rest aside', () =>
    Folder.use(60, async (folder, desk) => {
      const original = await events(folder.data);
      await without(folder.data, [1]);
      const told = await repaired(desk, 1);
      expect(told.head.seq).toBe(0);
      expect(readdirSync(join(desk.folder, 'repaired'))).toEqual(['unsaved-4-60.ndjson']);
      await requireTrue(desk, told, original);
    }));

  it('lists payloads that are changed or gone', () =>
    Folder.use(20, async (folder, desk) => {
      const changed = await folder.addPayload('q'.repeat(9_000));
      const gone = await folder.addPayload('r'.repeat(9_000));
      await writeFile(changed, 'spoiled');
      await rm(gone);
      const told = await repaired(desk, 1);
      const name = (path: string) => path.split('/').at(-1);
      expect(told.blobs).toEqual({ saved: 1, damaged: [name(changed)], missing: [name(gone)] });
      expect(told).toMatchObject({ whole: false, lost: [], head: { seq: 22 } });
    }));

  it('invents nothing and forgets nothing, wherever bytes were flipped, cut off or deleted', () =>
    Folder.use(300, async (folder, desk) => {
      const original = await events(folder.data);
      const whole = `${folder.data}.whole`;
      cpSync(folder.data, whole, { recursive: true });
      const files = readdirSync(join(whole, 'log')).filter((name) => statSync(join(whole, 'log', name)).size > 0);
      const some = fc.record({
        file: fc.constantFrom(...files),
        place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        bit: fc.integer({ min: 0, max: 7 }),
        kind: fc.constantFrom('flip', 'flip', 'flip', 'cut', 'zeros', 'delete'),
      });
      await fc.assert(
        fc.asyncProperty(some, async ({ file, place, bit, kind }) => {
          rmSync(folder.data, { recursive: true });
          rmSync(join(desk.folder, 'repaired'), { recursive: true, force: true });
          cpSync(whole, folder.data, { recursive: true });
          const path = join(folder.data, 'log', file);
          const bytes = readFileSync(path);
          const at = Math.floor(place * bytes.length);
          if (kind === 'flip') bytes[at] = (bytes[at] as number) ^ (1 << bit);
          if (kind === 'zeros') bytes.fill(0, at, Math.min(bytes.length, at + 600));
          if (kind === 'delete') rmSync(path);
          else writeFileSync(path, kind === 'cut' ? bytes.subarray(0, at) : bytes);
          const before = fingerprint(folder.data);
          const { stdout } = await desk.run(['cloud', 'repair', '--dir', 'srv', '--to', 'repaired', '--json']);
          expect(fingerprint(folder.data)).toEqual(before);
          if (stdout === '') {
            expect(existsSync(join(desk.folder, 'repaired'))).toBe(false);
            expect(kind).not.toBe('flip');
            return;
          }
          const told = JSON.parse(stdout) as Told;
          await requireTrue(desk, told, original);
          // One bit spoils one block of a table at most, which holds some groups.
          if (kind === 'flip') expect(told.lost.reduce((sum, { from, to }) => sum + to - from + 1, 0)).toBeLessThan(60);
        }),
        { numRuns: 40 },
      );
    }));

  it.each([
    [['--dir', 'srv'], 1, '--to'],
    [['--to', 'x'], 1, '--dir'],
    [['--dir', 'nowhere', '--to', 'x'], 5, 'nothing of an event log'],
    [['--dir', 'srv', '--to', 'full'], 5, 'is not empty'],
    [['--dir', 'empty', '--to', 'x'], 1, 'Not one event'],
  ])('refuses %j with one sentence, and nothing is written', (argv, code, words) =>
    Folder.use(10, async (folder, desk) => {
      await desk.write('full/of', 'something');
      await mkdir(join(desk.folder, 'empty/.ploinky-cloud/log'), { recursive: true });
      const before = fingerprint(desk.folder);
      const { exit, stdout, stderr } = await desk.run(['cloud', 'repair', ...argv]);
      expect([exit, stdout]).toEqual([code, '']);
      expect(stderr).toContain(words);
      expect(fingerprint(desk.folder)).toEqual(before);
      expect(existsSync(join(desk.folder, 'x'))).toBe(false);
      expect(folder.name).toBe('srv');
    }),
  );

  it('refuses a folder that a server has open', () =>
    Folder.use(10, async (folder, desk) => {
      const log = await openLevelLog({ folder: folder.data, holder: 'a server of this test' });
      const { exit, stderr } = await desk.run(['cloud', 'repair', '--dir', 'srv', '--to', 'x']);
      await log.close();
      expect([exit, stderr.includes('a server of this test')]).toEqual([2, true]);
    }));
});
