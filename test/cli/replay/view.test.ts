import { describe, expect, it } from 'vitest';
import { cut, keysOf } from '../../../cli/replay/screen.ts';
import { faster, gapMs, parseSpeed, slower } from '../../../cli/replay/speed.ts';
import { type Scene, viewOf } from '../../../cli/replay/view.ts';
import { Store } from '../../../core/kernel/store.ts';
import { dump } from '../../../history/dump.ts';
import { Tape } from '../../../history/tape.ts';
import { projections } from '../../../projections/registry.ts';
import type { Views } from '../../../projections/views.ts';
import { twoReleases } from '../../history/recorded.ts';

const { events } = twoReleases();
const big = { columns: 120, rows: 60 };

function sceneAfter(seq: number, more: Partial<Scene> = {}): Scene {
  const tape = new Tape(projections);
  for (const event of events.slice(0, seq)) tape.record(event);
  const latest = tape.latest(10);
  return {
    from: 1,
    to: events.length,
    latest,
    views: tape.views,
    playing: true,
    speed: '10×',
    stopped: [],
    ...more,
  };
}

const texts = (scene: Scene, size = big) => viewOf(scene, size).map(({ text }) => text);

describe('the view of a moment of history', () => {
  const routed = events.find(({ type }) => type === 'deployment.routed')?.seq as number;

  it('shows the event, what it changed, and the state beside it', () => {
    const lines = texts(sceneAfter(routed));
    expect(lines[0]).toBe(`Event ${routed} of ${events.length}   2026-01-01 00:00:00   ▶ 10×`);
    expect(lines.find((line) => line.startsWith('▸'))).toMatch(/deployment\.routed +localhost\/demo#1 serves/);
    const whole = lines.join('\n');
    expect(whole).toContain(
      'Changed by this event\n  deployments localhost/demo\n    routed null → 1\n    status "requested" → "active"\n',
    );
    expect(whole).toContain('\nDeployments (1)\n  localhost/demo  active  serves #1  demo\n');
    expect(whole).toMatch(/\nContainers \(1\)\n {2}ploinky-localhost-demo-1-abc123 {2}healthy {2}process\n/);
    expect(whole).toContain('\nOpen tasks (0)\n  none\n');
    expect(lines.at(-1)).toContain('space play/pause');
  });

  it('shows the release that is coming beside the one that serves, and open tasks', () => {
    const second = events.filter(({ type }) => type === 'deployment.requested')[1]?.seq as number;
    expect(texts(sceneAfter(second)).join('\n')).toContain('localhost/demo  active  serves #1  #2 requested  demo');
    expect(texts(sceneAfter(events.length)).join('\n')).toContain(
      'Open tasks (1)\n  localhost/demo  hello ["waits"]  for ann  t3',
    );
  });

  it('marks what the event changed', () => {
    const looks = viewOf(sceneAfter(routed), big).filter(({ look }) => look === 'changed');
    expect(looks.map(({ text }) => text)).toContain('  localhost/demo  active  serves #1  demo');
  });

  it('says before the first event, when it is paused, and when it is over', () => {
    expect(texts(sceneAfter(0))[0]).toBe(`Before the first event of ${events.length}   ▶ 10×`);
    expect(texts(sceneAfter(3, { playing: false }))[0]).toMatch(/‖ paused$/);
    expect(texts(sceneAfter(events.length))[0]).toMatch(/■ end$/);
  });

  it('fits every size of a terminal, and says what there was no room for', () => {
    for (let rows = 1; rows < 40; rows += 1) {
      const lines = texts(sceneAfter(routed), { columns: 80, rows });
      expect(lines.length).toBeLessThanOrEqual(rows);
    }
    expect(texts(sceneAfter(routed), { columns: 80, rows: 18 }).join('\n')).toMatch(/… and \d+ more/);
  });

  it('shows no hash that a key is checked against', () => {
    for (let seq = 1; seq <= events.length; seq += 1) expect(texts(sceneAfter(seq)).join('\n')).not.toContain('hash');
  });

  it('tells of projections that stopped', () => {
    expect(texts(sceneAfter(5, { stopped: ['The projection x stopped.'] })).join('\n')).toContain('Stopped (1)');
  });
});

describe('a tape', () => {
  it('winds back to every state that it came through, and forward again', () => {
    const tape = new Tape(projections);
    const seen: string[] = [];
    const now = () => JSON.stringify(Object.values(tape.views).map((entities) => [...entities].sort()));
    for (const event of events) {
      seen.push(now());
      tape.record(event);
    }
    const end = now();
    for (const state of seen.toReversed()) {
      expect(tape.back()).toBe(true);
      expect(now()).toBe(state);
    }
    expect(tape.back()).toBe(false);
    while (tape.forward());
    expect(now()).toBe(end);
  });

  it('goes on with new events after it was wound back', () => {
    const tape = new Tape(projections);
    for (const event of events.slice(0, 10)) tape.record(event);
    tape.back();
    tape.forward();
    for (const event of events.slice(10)) tape.record(event);
    expect(tape.latest(1)[0]?.event.seq).toBe(events.length);
  });

  it('may begin in the middle of history', () => {
    const whole = new Tape(projections);
    for (const event of events) whole.record(event);
    const store = new Store<Views>(projections);
    store.apply(events.slice(0, 15));
    const late = new Tape(projections);
    late.begin({ seq: 15, hash: store.hash, state: dump(store.views) });
    for (const event of events.slice(15)) late.record(event);
    expect(dump(late.views)).toEqual(dump(whole.views));
    while (late.back());
    expect(dump(late.views)).toEqual(dump(store.views));
  });

  it('keeps so many events and no more', () => {
    const tape = new Tape(projections, 4);
    for (const event of events) tape.record(event);
    let steps = 0;
    while (tape.back()) steps += 1;
    expect(steps).toBeGreaterThanOrEqual(4);
    expect(steps).toBeLessThanOrEqual(6);
  });
});

describe('speed', () => {
  it('shortens gaps, and leaves none out', () => {
    const at = (s: number) => new Date(s * 1_000).toISOString();
    expect(gapMs(at(0), at(1), 1)).toBe(1_000);
    expect(gapMs(at(0), at(3_600), 1)).toBe(2_000);
    expect(gapMs(at(0), at(3_600), 10)).toBe(200);
    expect(gapMs(at(0), at(0), 1)).toBe(200);
    expect(gapMs(at(5), at(0), 2)).toBe(100);
    expect(gapMs(at(0), at(9), parseSpeed('max'))).toBe(0);
  });

  it('has steps up and down', () => {
    expect([faster(10), slower(10), slower(0.5), faster(3)]).toEqual([20, 5, 0.5, 5]);
    expect(faster(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });

  it.each(['0', '-1', 'fast', '', '1e3'])('takes no %s', (text) => {
    expect(() => parseSpeed(text)).toThrow('--speed takes a number above 0, max or step');
  });
});

describe('the keyboard', () => {
  it('knows its keys, several at once, and no others', () => {
    expect(keysOf(' \u001b[C\u001b[Dxq')).toEqual(['toggle', 'forward', 'back', 'quit']);
    expect(keysOf('\u001b[A\u001b[5~\u0003')).toEqual(['interrupt']);
  });
});

describe('a line', () => {
  it('is cut to the width that it takes on the screen', () => {
    expect(cut('short', 10)).toBe('short');
    expect(cut('abcdefghij', 5)).toBe('abcd…');
    expect(cut('漢字漢字', 5)).toBe('漢字…');
  });
});
