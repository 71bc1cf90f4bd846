import { describe, expect, it } from 'vitest';
import { Output } from '../../../cli/terminal/output.ts';
import { Progress } from '../../../cli/terminal/progress.ts';

function scene(isTTY: boolean) {
  let written = '';
  let time = 0;
  const sink = { isTTY, write: (text: string) => (written += text) };
  const progress = new Progress(new Output(sink, sink, { NO_COLOR: '1' }, false), { now: () => time });
  return { progress, written: () => written, pass: (ms: number) => (time += ms) };
}

describe('progress', () => {
  it('writes a line for each stage into a file', () => {
    const { progress, written, pass } = scene(false);
    progress.begin('source');
    pass(1_500);
    progress.done('demos 1234');
    progress.begin('image');
    progress.note('slow');
    pass(12_000);
    progress.failed('gone');
    progress.close();
    expect(written()).toBe('  … source\n  ✓ source  demos 1234 1.5s\n  … image\n    slow\n  ✗ image  gone 12s\n');
    expect(progress.total).toBe(13_500);
  });

  it('rewrites one line on a terminal and leaves it clean', () => {
    const { progress, written } = scene(true);
    progress.begin('source');
    progress.close();
    progress.close();
    expect(written()).toContain('source 0.0s');
    expect(written().endsWith('\r\u001b[2K')).toBe(true);
  });
});
