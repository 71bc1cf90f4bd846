import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Output } from '../../../cli/terminal/output.ts';
import { Progress } from '../../../cli/terminal/progress.ts';

function scene(isTTY: boolean) {
  let written = '';
  let time = 0;
  const sink = { isTTY, write: (text: string) => (written += text) };
  const progress = new Progress(new Output(sink, sink, { NO_COLOR: '1' }, false), { now: () => time });
  const pass = (ms: number) => {
    time += ms;
    vi.advanceTimersByTime(ms);
  };
  return { progress, written: () => written, pass };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('progress', () => {
  it('writes a line for each stage into a file, two where it takes long', () => {
    const { progress, written, pass } = scene(false);
    progress.begin('source');
    pass(1_500);
    progress.done('demos 1234');
    progress.begin('image');
    pass(900);
    progress.note('slow');
    pass(11_100);
    progress.failed('gone');
    progress.begin('route');
    progress.done('ok');
    progress.begin('never told');
    progress.close();
    pass(5_000);
    expect(written()).toBe(
      '  … source\n  ✓ source  demos 1234 1.5s\n    slow\n  … image\n  ✗ image  gone 12s\n  ✓ route  ok 0.0s\n',
    );
    expect(progress.total).toBe(18_500);
  });

  it('rewrites one line on a terminal and leaves it clean', () => {
    const { progress, written, pass } = scene(true);
    progress.begin('source');
    pass(2_000);
    progress.close();
    progress.close();
    expect(written()).toContain('source 2.0s');
    expect(written().endsWith('\r\u001b[2K')).toBe(true);
  });
});
