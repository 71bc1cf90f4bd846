import { errorCatalogue } from '../../core/errors/catalogue.ts';
import type { Invocation } from '../command-spec.ts';
import { writePrivateFile } from '../connection/private-file.ts';
import { defaultServerUrl, parseServerUrl } from '../connection/server-url.ts';
import { probe } from '../server/health-probe.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, cross, t, tick, yellow } from '../terminal/text.ts';

/** `cloud connect` */
export async function connect({ session, args }: Invocation): Promise<number> {
  const serverUrl = parseServerUrl(args[0] ?? defaultServerUrl);
  const before = await session.cloudFile.read();
  const elsewhere = parseServerUrl(before.serverUrl ?? defaultServerUrl) !== serverUrl;
  const forgotten = elsewhere ? { authToken: undefined, userId: undefined } : {};
  await session.cloudFile.update({ serverUrl, ...forgotten });
  return tell(session, serverUrl);
}

/** `client connect` */
export async function connectClient({ session, args }: Invocation): Promise<number> {
  const serverUrl = parseServerUrl(args[0] ?? defaultServerUrl);
  await writePrivateFile(session.clientFilePath, `${JSON.stringify({ serverUrl }, null, 2)}\n`);
  return tell(session, serverUrl);
}

/** The address is kept in any case: a server may be started later. Resolves with the exit code. */
async function tell(session: Session, serverUrl: string): Promise<number> {
  const { out, surroundings } = session;
  const found = await probe(serverUrl, 5_000, surroundings.signal);
  const answers = found.kind === 'ploinky';
  out.result({ serverUrl, answers }, () =>
    answers ? t`${tick} Connected to ${bold(serverUrl)}` : t`${cross} Noted ${bold(serverUrl)}`,
  );
  if (answers) return 0;
  const what = found.kind === 'silent' ? 'Nothing answers there now.' : 'What answers there is no Ploinky server.';
  out.note(yellow(t`! ${what}`));
  if (!out.json) out.note(nextStep('Start a server with `p-cli cloud start`, or check the address.'));
  return errorCatalogue.SERVER_UNREACHABLE.exit;
}
