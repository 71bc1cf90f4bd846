import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../core/events/catalogue.ts';
import { exitReasonOf, signalOf } from '../../../core/events/exit-signal.ts';

describe('an exit code', () => {
  it.each([
    [137, 'SIGKILL'],
    [143, 'SIGTERM'],
    [139, 'SIGSEGV'],
    [134, 'SIGABRT'],
    [0, null],
    [1, null],
    [127, null],
    [128, null],
    [255, null],
    [null, null],
  ])('%s tells of the signal %s', (exitCode, signal) => {
    expect(signalOf(exitCode)).toBe(signal);
  });

  it('of a container that had no memory left is told as that', () => {
    expect(exitReasonOf({ signal: 'SIGKILL', oomKilled: true })).toBe('outOfMemory');
    expect(exitReasonOf({ signal: 'SIGKILL', oomKilled: false })).toBe('signal');
    expect(exitReasonOf({ signal: null, oomKilled: false })).toBe('ended');
  });

  it.each([
    [
      { exitCode: 137, signal: null, oomKilled: true },
      { signal: 'SIGKILL', reason: 'outOfMemory' },
    ],
    [
      { exitCode: 143, signal: null, oomKilled: false },
      { signal: 'SIGTERM', reason: 'signal' },
    ],
    [
      { exitCode: 1, signal: null, oomKilled: false },
      { signal: null, reason: 'ended' },
    ],
    [
      { exitCode: null, signal: null, oomKilled: false },
      { signal: null, reason: 'ended' },
    ],
  ])('of an older log, %o, is read as if it had been told in full', (before, after) => {
    const upcast = definitionOf('container.exited')?.upcast;
    expect(upcast?.({ ...before, output: 'o' }, 1)).toEqual({ ...before, output: 'o', ...after });
  });
});
