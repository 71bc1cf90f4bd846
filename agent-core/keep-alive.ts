import { firstLine } from './outcome.ts';

/**
 * Code of the agent shares this process. One handler that forgets a catch, or calls process.exit(), must not end the
 * calls of all others.
 * @returns the real exit
 */
export function keepAlive(): (code: number) => never {
  const exit = process.exit.bind(process);
  const complain = (what: string) => (error: unknown) => {
    const told = error instanceof Error ? (error.stack ?? error.message) : firstLine(error);
    process.stderr.write(`AgentCore: ${what} in the agent's code: ${told}\n`);
  };
  process.on('uncaughtException', complain('uncaught exception'));
  process.on('unhandledRejection', complain('unhandled rejection'));
  process.exit = ((code?: number) => {
    const called = `process.exit(${code ?? ''})`;
    if (!mayExit) throw new Error(`${called} was called; a handler ends by returning or throwing.`);
    const by = code ?? process.exitCode ?? 0;
    const [, , caller = ''] = new Error(called).stack?.split('\n') ?? [];
    const ended = `the agent ended the process by itself, with code ${by}`;
    process.stderr.write(`AgentCore: ${ended}: ${called} ${caller.trim()} was called while it was loaded.\n`);
    exit(by);
  }) as typeof process.exit;
  return exit as (code: number) => never;
}

let mayExit = false;

/** Until `load` is over process.exit() of the agent's code counts as it stands there: there are no calls yet to end. */
export async function lettingExit<T>(load: () => Promise<T>): Promise<T> {
  mayExit = true;
  try {
    return await load();
  } finally {
    mayExit = false;
  }
}
