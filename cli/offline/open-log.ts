import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { type LevelLog, openLevelLog } from '../../core/log/level-log.ts';
import type { EventLog } from '../../core/log/log-port.ts';

/** `<dir>/.ploinky-cloud`, or `<dir>` itself where that is what was named. */
export function dataFolder(cwd: string, dir: string): string {
  const folder = resolve(cwd, dir);
  const below = join(folder, '.ploinky-cloud');
  if (!existsSync(below) && existsSync(join(folder, 'head.json'))) return folder;
  return below;
}

/**
 * Opens the log of a folder whose server does not run.
 * @throws PloinkyError LOG_HELD, saying who has it and what to type; LOG_MISSING, LOG_DAMAGED, LOG_FORMAT
 */
export function openLog(cwd: string, dir: string, options: { readonly readOnly: boolean }): Promise<LevelLog> {
  const holder = `p-cli, process ${process.pid}`;
  return openLevelLog({ folder: dataFolder(cwd, dir), holder, ...options }).catch((error: unknown) => {
    throw explained(error, dir, options.readOnly);
  });
}

/** Opens it, hands it on, and closes it again. @throws as `openLog` does */
export async function withLog<T>(
  cwd: string,
  dir: string,
  options: { readonly readOnly: boolean },
  work: (log: EventLog) => Promise<T>,
): Promise<T> {
  const log = await openLog(cwd, dir, options);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** The same error with a hint for somebody who named a folder. */
export function explained(error: unknown, dir: string, readOnly: boolean): unknown {
  if (!(error instanceof PloinkyError)) return error;
  const hint =
    error.code === 'LOG_HELD'
      ? readOnly
        ? 'Ask the running server: the same command without --dir. Or stop it first: `p-cli cloud stop`.'
        : 'Stop the server first with `p-cli cloud stop`, or log in and leave --dir away.'
      : error.code === 'LOG_MISSING'
        ? `Name the folder that holds .ploinky-cloud; ${JSON.stringify(dir)} does not, or was never initialised.`
        : error.hint;
  return new PloinkyError(error.code, error.message, { hint, cause: error, details: error.details });
}
