import { claimFolder, type ProcessState, readState, writeExit } from './process-folder.ts';
import { signalProcess } from './process-identity.ts';
import { signalMembers } from './process-members.ts';
import { pause, until } from './until.ts';

const lookEveryMs = 10;

/** When this resolves nothing of the start is alive, and nothing of it can begin any more. */
export async function killProcess(folder: string, { record }: ProcessState, signal: AbortSignal): Promise<void> {
  await claimFolder(folder);
  // The shim writes its pid before it asks for the claim: who could not have the claim finds the pid now.
  const identity = (await readState(folder))?.identity ?? null;
  await until(lookEveryMs, signal, async () => {
    const leader = identity !== null && (await signalProcess(identity, 'SIGKILL', 'group'));
    const members = await signalMembers(record.startId, 'SIGKILL');
    return leader || members > 0 ? undefined : true;
  });
}

/**
 * SIGTERM to the program, `graceMs`, SIGKILL to all that is left, also of a program that has ended.
 * @returns exit code of the program, null when nobody saw it end
 */
export async function stopProcess(
  folder: string,
  state: ProcessState,
  { graceMs, signal }: { graceMs: number; signal: AbortSignal },
): Promise<number | null> {
  if (state.running && graceMs > 0) {
    await askToEnd(state);
    const until = performance.now() + graceMs;
    while ((await readState(folder))?.running && performance.now() < until) {
      signal.throwIfAborted();
      await pause(lookEveryMs);
    }
  }
  const forced = (await readState(folder))?.running ?? false;
  await killProcess(folder, state, signal);
  const exitCode = (await readState(folder))?.exitCode ?? null;
  if (exitCode !== null || !forced) return exitCode;
  // The shim was killed with its program and could not write it.
  await writeExit(folder, 137);
  return 137;
}

/** The shim passes the signal on. Where it was killed all that is left of its program is told. */
async function askToEnd({ identity, record }: ProcessState): Promise<void> {
  const told = identity !== null && (await signalProcess(identity, 'SIGTERM', 'process'));
  if (!told) await signalMembers(record.startId, 'SIGTERM');
}
