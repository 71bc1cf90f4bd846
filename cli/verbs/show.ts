import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Invocation } from '../command-spec.ts';
import { phraseOf } from '../history/phrase.ts';
import type { Session } from '../session.ts';
import { jsonText } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import { block, bold, joinText, type Piece, t } from '../terminal/text.ts';

/** `cloud show [seq]` */
export async function show({ session, args, options }: Invocation): Promise<void> {
  const word = args[0];
  if (word === undefined) return showConnection(session);
  await showEvent(session, await findEvent(session, word, options.text('dir')));
}

/** By number, or by id: causes are ids. */
async function findEvent(session: Session, word: string, dir: string | undefined): Promise<EventEnvelope> {
  const byNumber = /^[1-9]\d{0,14}$/.test(word);
  if (!byNumber && !/^[0-9A-Za-z]{8,32}$/.test(word)) {
    throw new PloinkyError('USAGE', `${JSON.stringify(word)} is no number and no id of an event.`, {
      hint: 'See `p-cli cloud history` for the numbers there are.',
    });
  }
  if (dir === undefined) return (await session.api()).manage<EventEnvelope>('GET', `events/${word}`);
  const { offlineEvent } = await import('../offline/offline-event.ts');
  return offlineEvent(session.surroundings.cwd, dir, word);
}

async function showEvent(session: Session, event: EventEnvelope): Promise<void> {
  const { seq, time, type, v, stream, actor, cause, trace, id, hash } = event;
  const rows: Piece[][] = [
    ['stream', stream],
    ['time', time],
    ['actor', actor],
    ['cause', cause ?? 'straight from outside'],
    ['trace', trace],
    ['id', id],
    ['hash', hash],
  ];
  const text = await table(rows);
  session.out.result(event, () =>
    joinText([
      t`${bold(`${seq}  ${type}`)}${v === 1 ? '' : `  (version ${v})`}`,
      t`  ${block(phraseOf(event))}`,
      t``,
      text,
      t``,
      block(jsonText(event.data, 2)),
    ]),
  );
}

/** The key itself is shown by `init` and `keys rotate` alone. */
async function showConnection(session: Session): Promise<void> {
  const { serverUrl, userId } = await session.connection();
  const saved = await session.remotesFile.find(serverUrl);
  const key = saved ? `${saved.apiKey.slice(0, 6)}… (whole in ${session.remotesFile.path})` : 'none saved here';
  const rows: Piece[][] = [
    ['URL:', serverUrl],
    ['API Key:', key],
    ['Logged in as:', userId ?? 'Not logged in'],
  ];
  const text = await table(rows, { indent: '' });
  session.out.result({ serverUrl, apiKeySaved: saved !== undefined, userId }, () => text);
}
