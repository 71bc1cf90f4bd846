import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OutputLine, OutputMark } from '../../../adapters/engine/output-line.ts';
import { bind, type EngineGround, soon } from './ground.ts';

/** Part of the contract of every engine: what containers write and use. */
export function outputAndUse(ground: EngineGround): void {
  const { spec, shell, start, stop, wrote, ended, folder } = ground;

  describe('follow', () => {
    const texts = (lines: readonly OutputLine[], stream?: string) =>
      lines.filter((line) => stream === undefined || line.stream === stream).map(({ text }) => text);
    /** All lines of one that ends, or those up to the one that is waited for. */
    async function follow(name: string, engineId: string, after: readonly OutputMark[] = [], upTo?: string) {
      const stop = new AbortController();
      const lines: OutputLine[] = [];
      const outcome = await ground.engine
        .follow(name, { engineId, after, signal: stop.signal }, (some) => {
          lines.push(...some);
          if (upTo !== undefined && texts(lines).includes(upTo)) stop.abort();
        })
        .catch((error: unknown) => (stop.signal.aborted ? (error as { code: string }).code : Promise.reject(error)));
      return { outcome, lines };
    }
    const marksOf = (lines: readonly OutputLine[]) => {
      const last = new Map(lines.map((line) => [line.stream, line]));
      return [...last.values()].map(({ stream, time, n }) => ({ stream, time, n }));
    };

    test('hands on lines with stream and time, to the end', async () => {
      const wanted = shell("echo one; echo two >&2; printf 'drei ✓\\r\\nno end'; exit 3");
      const { engineId } = await start(wanted);
      await ended(wanted.name);
      const { outcome, lines } = await follow(wanted.name, engineId);
      expect(outcome).toBe('ended');
      expect(texts(lines, 'stdout')).toEqual(['one', 'drei ✓', 'no end']);
      expect(texts(lines, 'stderr')).toEqual(['two']);
      for (const { time } of lines) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    });

    test('goes on behind what was stored: nothing is missing, nothing comes twice', async () => {
      const shared = folder('follow');
      const count = 'i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo "line $i"; echo "odd $i" >&2; done';
      const wanted = shell(`${count}; while [ ! -e /shared/go ]; do sleep 0.05; done; echo last`, {
        mounts: [bind(shared, '/shared')],
      });
      const { engineId } = await start(wanted);
      const first = await follow(wanted.name, engineId, [], 'line 150');
      expect(first.outcome).toBe('ENGINE_TIMEOUT');
      // As after a crash: what came with the last lines was not stored.
      const stored = first.lines.slice(0, -7);
      writeFileSync(path.join(shared, 'go'), '');
      const rest = await follow(wanted.name, engineId, marksOf(stored));
      expect(rest.outcome).toBe('ended');
      const all = [...stored, ...rest.lines];
      const numbered = (word: string) => Array.from({ length: 300 }, (_, i) => `${word} ${i + 1}`);
      expect(texts(all, 'stdout')).toEqual([...numbered('line'), 'last']);
      expect(texts(all, 'stderr')).toEqual(numbered('odd'));
    });

    test('brings long lines in pieces and replaces what is no text', async () => {
      const wanted = shell("head -c 40000 /dev/zero | tr '\\0' x; echo; printf '\\377bad\\n'");
      const { engineId } = await start(wanted);
      await ended(wanted.name);
      const { lines } = await follow(wanted.name, engineId);
      const end = lines.findIndex(({ more }) => !more);
      expect(
        lines
          .slice(0, end + 1)
          .map(({ text }) => text)
          .join(''),
      ).toBe('x'.repeat(40_000));
      for (const { text } of lines) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16 * 1024);
      expect(texts(lines.slice(end + 1))).toEqual(['\ufffdbad']);
    });

    test('counts what there is no room for', async () => {
      const wanted = shell('i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo "line $i"; done');
      const { engineId } = await start(wanted);
      await ended(wanted.name);
      const lines: OutputLine[] = [];
      const budget = { allows: () => false };
      await ground.engine.follow(wanted.name, { engineId, after: [], signal: soon(), budget }, (some) => {
        lines.push(...some);
      });
      expect(texts(lines)).toEqual(lines.map(() => ''));
      expect(lines.reduce((sum, { dropped }) => sum + (dropped?.lines ?? 0), 0)).toBe(50);
    });

    test('knows nothing of another start, another cloud and what is gone', async () => {
      const wanted = spec();
      const { engineId } = await start(wanted);
      const take = () => undefined;
      const options = { engineId, after: [], signal: soon() };
      expect(await ground.engine.follow(wanted.name, { ...options, engineId: '0123456789abcdef' }, take)).toBe('gone');
      expect(await ground.fixture.otherCloud.engine.follow(wanted.name, options, take)).toBe('gone');
      await ground.engine.remove(wanted.name, soon());
      expect(await ground.engine.follow(wanted.name, options, take)).toBe('gone');
    });
  });

  describe('stats', () => {
    test('tell what one that runs uses, and nothing of what does not', async () => {
      const wanted = shell('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; while :; do sleep 0.05; done');
      const { engineId } = await start(wanted);
      await wrote(wanted.name, 'done');
      const stats = await ground.engine.stats(wanted.name, soon());
      expect(stats).toMatchObject({ engineId });
      expect(stats?.cpuMs).toBeGreaterThan(0);
      expect(stats?.memoryBytes).toBeGreaterThan(10_000);
      expect(stats?.pids).toBeGreaterThanOrEqual(1);
      expect(await ground.fixture.otherCloud.engine.stats(wanted.name, soon())).toBeNull();
      await stop(wanted.name, 0);
      expect(await ground.engine.stats(wanted.name, soon())).toBeNull();
      await ground.engine.remove(wanted.name, soon());
      expect(await ground.engine.stats(wanted.name, soon())).toBeNull();
    });
  });
}
