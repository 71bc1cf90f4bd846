import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/**
 * Says before anything is started that a program or its folder is not there; a shell would only leave a line in the
 * output.
 * @throws PloinkyError START_FAILED
 */
export async function requireProgram(
  name: string,
  program: string,
  workingDirectory: string,
  searchPath: string,
): Promise<void> {
  const folder = await stat(workingDirectory).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new PloinkyError('START_FAILED', `${name} cannot begin in ${workingDirectory}: there is no such folder.`);
  }
  const places = program.includes('/') ? [''] : searchPath.split(delimiter);
  for (const place of places) {
    if (await isProgram(resolve(workingDirectory, place, program))) return;
  }
  const where = program.includes('/') ? '' : ' on the PATH';
  throw new PloinkyError('START_FAILED', `${name} cannot run ${program}: there is no such program${where}.`);
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
