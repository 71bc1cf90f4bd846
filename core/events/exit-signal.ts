/** Numbers that are the same on every Linux architecture and on macOS, and what Linux calls the rest. */
const names: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/**
 * The signal that ended a program, as shells and engines tell it: 128 and its number. Null for any other exit code, also
 * for one over 128 that is no signal's.
 */
export function signalOf(exitCode: number | null): string | null {
  return exitCode === null ? null : (names[exitCode - 128] ?? null);
}

export type ExitReason = 'ended' | 'signal' | 'outOfMemory' | 'unhealthy' | 'engineAway';

/** Why a program ended that nobody ended on purpose, and whose engine saw it end. */
export function exitReasonOf(exit: { readonly signal: string | null; readonly oomKilled: boolean }): ExitReason {
  if (exit.oomKilled) return 'outOfMemory';
  return exit.signal === null ? 'ended' : 'signal';
}
