import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { isPidInUse } from '../../../core/process/pid-in-use.ts';

it('is so as long as the process lives', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const pid = child.pid as number;
  expect(isPidInUse(pid)).toBe(true);
  child.stdin.end();
  await once(child, 'exit');
  expect(isPidInUse(pid)).toBe(false);
});

it('is so of a process that belongs to somebody else', () => {
  const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
    throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  });
  try {
    expect(isPidInUse(1)).toBe(true);
    expect(kill).toHaveBeenCalledWith(1, 0);
  } finally {
    kill.mockRestore();
  }
});
