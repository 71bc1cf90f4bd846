import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, t } from '../terminal/text.ts';
import { waiting } from '../terminal/waiting.ts';

interface InitAnswer {
  readonly apiKey: string;
  readonly keyId?: string;
}

/** `cloud init` */
export async function init({ session, options }: Invocation): Promise<void> {
  const { out, cloudFile, remotesFile } = session;
  const { serverUrl } = await session.connection();
  const token = await initToken(session, options.text('tokenFile'));
  const api = session.apiFor({ serverUrl, token: null, userId: null });
  const headers = token === undefined ? {} : { 'x-init-token': token };
  const answer = await waiting(
    session,
    'creating the cloud',
    api.manage<InitAnswer>('POST', 'init', { headers, body: {}, timeoutMs: 60_000 }),
  );
  if (typeof answer.apiKey !== 'string') {
    throw new PloinkyError('SERVER_ANSWER_INVALID', `${serverUrl} answered init without an API key.`);
  }
  // Printed first: it comes once, and saving it may fail.
  const { apiKey, keyId = null } = answer;
  out.result({ apiKey, keyId, serverUrl, savedTo: remotesFile.path }, () => t`API Key: ${bold(apiKey)}`);
  await remotesFile.save({ url: serverUrl, apiKey });
  await cloudFile.update({ serverUrl });
  if (out.json) return;
  out.note(t`  It is shown this once, and saved in ${remotesFile.path}, readable by you alone.`);
  out.note(nextStep('p-cli cloud login <API_KEY>'));
}

/** The server may ask for the content of a file that only its own user can read. */
async function initToken(session: Session, named: string | undefined): Promise<string | undefined> {
  const { cwd } = session.surroundings;
  if (named !== undefined) {
    try {
      return clean(await readFile(resolve(cwd, named), 'utf8'));
    } catch (error) {
      throw new PloinkyError('FILE_UNREADABLE', `${named} cannot be read: ${(error as Error).message}.`);
    }
  }
  const { serverDir } = await session.cloudFile.read();
  for (const folder of [serverDir, cwd]) {
    if (folder === undefined) continue;
    const content = await readFile(join(folder, '.ploinky-cloud', 'init-token'), 'utf8').catch(() => undefined);
    if (content !== undefined) return clean(content);
  }
  return undefined;
}

/** A header takes printable characters only. */
function clean(text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '');
}
