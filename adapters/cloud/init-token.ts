import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Proof that somebody may read the server's own folder, for a first init from elsewhere. */
export interface InitToken {
  readonly value: string;
  remove(): Promise<void>;
}

export async function writeInitToken(file: string): Promise<InitToken> {
  const value = randomBytes(32).toString('hex');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await rm(file, { force: true });
  await writeFile(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
  return { value, remove: () => rm(file, { force: true }) };
}

export const noInitToken: InitToken = { value: '', remove: async () => {} };
