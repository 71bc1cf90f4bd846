import type { Step } from '../../core/clock/steps.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseAnchor } from '../../core/log/anchor.ts';
import type { Checked } from '../../core/log/check-log.ts';
import type { Head } from '../../core/log/log-port.ts';
import { remoteSteps } from '../archive/remote-steps.ts';
import { showSteps } from '../archive/show-steps.ts';
import type { Invocation } from '../command-spec.ts';
import { counted } from '../terminal/bar.ts';
import { bold, dim, joinText, t, tick } from '../terminal/text.ts';

const words = (stage: string) =>
  stage === 'blobs' ? { name: 'Payloads', unit: 'event' } : { name: 'Hash chain', unit: 'event' };

/** `cloud verify` */
export async function verify({ session, options }: Invocation): Promise<void> {
  const anchor = anchorOf(options.text('anchor'));
  const blobs = options.flag('blobs');
  const dir = options.text('dir');
  const began = session.surroundings.now();
  let work: AsyncGenerator<Step, Checked>;
  if (dir === undefined) {
    const query = { anchor: anchor && `${anchor.seq}:${anchor.hash}`, blobs: blobs ? 'true' : undefined };
    work = remoteSteps<Checked>(await session.api(), '/management/api/verify', query);
  } else {
    const { verifyOffline } = await import('../offline/verify-offline.ts');
    work = verifyOffline(session, dir, anchor, blobs);
  }
  const result = await showSteps(session, work, words);
  const elapsedMs = Math.round(session.surroundings.now() - began);
  session.out.result({ events: result.head.seq, ...result, elapsedMs }, () =>
    joinText([
      t`${tick} ${counted(result.head.seq, 'event')}: every number follows and every hash fits.`,
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
