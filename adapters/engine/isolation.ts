/** What stands between an agent and the machine that it runs on. */
export type Isolation = 'container' | 'none';

export function isolationOf(engine: string): Isolation {
  return engine === 'process' ? 'none' : 'container';
}

/** Said wherever somebody may mistake a process for a container. */
export const noIsolation =
  'Agents run as child processes of the server’s user: no isolation, no limits of memory, CPU or network are enforced.';
