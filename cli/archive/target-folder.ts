import { join, resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';

/** The data folder that a command is to make, below the folder that an option names. @throws PloinkyError USAGE */
export function targetFolder({ session, options }: Invocation, name: string): string {
  const dir = options.text(name);
  if (dir === undefined || dir === '') {
    throw new PloinkyError('USAGE', `This makes a cloud in a new folder: say which with --${name} <folder>.`);
  }
  return join(resolve(session.surroundings.cwd, dir), '.ploinky-cloud');
}
