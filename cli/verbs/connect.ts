import type { Invocation } from '../command-spec.ts';
import { writePrivateFile } from '../connection/atomic-write.ts';
import { defaultServerUrl, parseServerUrl } from '../connection/server-url.ts';
import { probe } from '../server/health-probe.ts';
import type { Session } from '../session.ts';
import { nextStep } from '../terminal/report-error.ts';
import { bold, t, tick, yellow } from '../terminal/text.ts';

/** `cloud connect` */
export async function connect({ session, args }: Invocation): Promise<void> {
  const serverUrl = parseServerUrl(args[0] ?? defaultServerUrl);
  const before = await session.cloudFile.read();
  const elsewhere = parseServerUrl(before.serverUrl ?? defaultServerUrl) !== serverUrl;
  const forgotten = elsewhere ? { authToken: undefined, userId: undefined } : {};
  await session.cloudFile.update({ serverUrl, ...forgotten });
  await tell(session, serverUrl);
}

/** `client connect` */
export async function connectClient({ session, args }: Invocation): Promise<void> {
  const serverUrl = parseServerUrl(args[0] ?? defaultServerUrl);
  await writePrivateFile(session.clientFilePath, `${JSON.stringify({ serverUrl }, null, 2)}\n`);
  await tell(session, serverUrl);
}

/** The address is kept in any case: a server may be started later. */
async function tell(session: Session, serverUrl: string): Promise<void> {
  const { out, surroundings } = session;
  const found = await probe(serverUrl, 5_000, surroundings.signal);
  out.result({ serverUrl, answers: found.kind === 'ploinky' }, () => t`${tick} Connected to ${bold(serverUrl)}`);
  if (found.kind === 'ploinky') return;
  const what = found.kind === 'silent' ? 'Nothing answers there now.' : 'What answers there is no Ploinky server.';
  out.note(yellow(t`! ${what}`));
  if (!out.json) out.note(nextStep('Start a server with `p-cli cloud start`, or check the address.'));
}
