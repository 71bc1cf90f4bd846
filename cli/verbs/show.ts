import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { Invocation } from '../command-spec.ts';
import { findEvent } from '../history/find-event.ts';
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
