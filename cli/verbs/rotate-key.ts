import type { Invocation } from '../command-spec.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, t } from '../terminal/text.ts';

interface NewKey {
  readonly apiKey: string;
  readonly keyId: string;
}

/** `cloud keys rotate [keyId]` */
export async function rotateKey({ session, args, options }: Invocation): Promise<void> {
  const keyId = args[0];
  const dir = options.text('dir');
  const { serverUrl } = await session.connection();
  const made =
    dir === undefined
      ? await (await session.api()).manage<NewKey>('POST', 'keys/rotate', {
          body: keyId === undefined ? {} : { keyId },
        })
      : await rotateOffline(session, dir, keyId ?? null);
  // Printed first: it comes once, and saving it may fail.
  const { apiKey } = made;
  session.out.result({ apiKey, keyId: made.keyId }, () => t`API Key: ${bold(apiKey)}`);
  await session.remotesFile.save({ url: serverUrl, apiKey });
  if (session.out.json) return;
  session.out.note(t`  It is shown this once, and saved in ${session.remotesFile.path} for ${serverUrl}.`);
  session.out.note(t`  Logins with the old key have ended.`);
  session.out.note(nextStep(`${dir === undefined ? '' : 'p-cli cloud start, then '}p-cli cloud login <API_KEY>`));
}

async function rotateOffline(session: Session, dir: string, keyId: string | null): Promise<NewKey> {
  const { offlineRotate } = await import('../offline/offline-rotate.ts');
  return offlineRotate(session.surroundings.cwd, dir, keyId);
}
