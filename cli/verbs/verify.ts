import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseAnchor } from '../../core/log/anchor.ts';
import type { Head } from '../../core/log/log-port.ts';
import { checked } from '../archive/checked.ts';
import type { Invocation } from '../command-spec.ts';
import { counted } from '../terminal/bar.ts';
import { bold, dim, joinText, t, tick, yellow } from '../terminal/text.ts';

/** `cloud verify` */
export async function verify({ session, options }: Invocation): Promise<void> {
  const anchor = anchorOf(options.text('anchor'));
  const blobs = options.flag('blobs');
  const began = session.surroundings.now();
  const result = await checked(session, options.text('dir'), anchor, blobs);
  const elapsedMs = Math.round(session.surroundings.now() - began);
  session.out.result({ events: result.head.seq, ...result, elapsedMs }, () =>
    joinText([
      t`${tick} ${counted(result.head.seq, 'event')}: every number follows and every hash fits.`,
      ...result.gaps.map(
        ({ from, to, events, deletion }) =>
          t`${yellow('!')} ${counted(events, 'task event')} of ${from} to ${to} were deleted at ${deletion.time}: ${deletion.reason}. The chain holds across them.`,
      ),
      ...(result.blobs === null ? [] : [t`${tick} ${counted(result.blobs, 'payload')}: what events name is there.`]),
      ...(result.against === null ? [] : [t`${tick} Event ${result.against.seq} is the one of the anchor.`]),
      t`${bold('Anchor')} ${result.anchor}`,
      dim(`Keep it elsewhere: with --anchor it proves later that nothing up to event ${result.head.seq} was changed.`),
    ]),
  );
}

function anchorOf(text: string | undefined): Head | undefined {
  if (text === undefined) return undefined;
  const anchor = parseAnchor(text);
  if (anchor) return anchor;
  throw new PloinkyError('USAGE', `--anchor takes <seq>:<hash>, not ${JSON.stringify(text)}.`, {
    hint: 'Give the line that `p-cli cloud verify` printed after the word Anchor.',
  });
}
