import { afterAll, expect, vi } from 'vitest';

// Test files of one project share a process: what a file took of it must be back before the next one begins.

const taken = (): ReadonlyMap<string, unknown> =>
  new Map<string, unknown>([
    ...Object.entries(process.env).map(([name, value]) => [`variable ${name}`, value] as const),
    ...process.eventNames().map((name) => [`listeners of ${String(name)}`, process.listenerCount(name)] as const),
    ['working directory', process.cwd()],
    ['fake timers', vi.isFakeTimers()],
  ]);
const before = taken();

// The first hook of a file, and so the last one at its end.
afterAll(() => {
  const after = taken();
  const names = [...new Set([...before.keys(), ...after.keys()])];
  // Names alone: values may be secrets of the machine.
  const kept = names.filter((name) => before.get(name) !== after.get(name));
  expect(kept, 'taken of the process by this file, and not given back').toEqual([]);
});
