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
    throw new Error(`process.exit(${code ?? ''}) was called; a handler ends by returning or throwing.`);
  }) as typeof process.exit;
  return exit as (code: number) => never;
}
