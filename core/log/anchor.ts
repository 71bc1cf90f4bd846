import { PloinkyError } from '../errors/ploinky-error.ts';
import type { Head } from './log-port.ts';

/** `<seq>:<hash>`: what somebody keeps elsewhere, to hold against the log later. */
export function anchorText({ seq, hash }: Head): string {
  return `${seq}:${hash}`;
}

/** Null when the text is no anchor. */
export function parseAnchor(text: string): Head | null {
  const match = /^(\d{1,15}):([0-9a-f]{64})$/i.exec(text.trim());
  return match ? { seq: Number(match[1]), hash: (match[2] as string).toLowerCase() } : null;
}

/**
 * Holds a log that was found whole against an anchor. A chain proves only that its own events fit together; what was
 * cut off at its end, or put in the place of all of it, shows here alone.
 * @param hash of the event at the anchor's seq; null when the log does not reach it
 * @throws PloinkyError ANCHOR_MISMATCH
 */
export function requireAnchor(place: string, anchor: Head, head: Head, hash: string | null): void {
  const details = { anchor, head };
  if (hash === null) {
    const gone = anchor.seq - head.seq;
    const events = gone === 1 ? '1 event is' : `${gone} events are`;
    throw new PloinkyError(
      'ANCHOR_MISMATCH',
      `${place} ends at event ${head.seq}, but the anchor is of event ${anchor.seq}: ${events} gone, ` +
        'because the tail was cut off or the folder was rolled back to an older state.',
      { details: { kind: 'short', ...details } },
    );
  }
  if (hash !== anchor.hash) {
    throw new PloinkyError(
      'ANCHOR_MISMATCH',
      `Event ${anchor.seq} of ${lowerFirst(place)} has the hash ${hash}, the anchor says ` +
        `${anchor.hash}: history was rewritten, or the anchor is of another log.`,
      { details: { kind: 'other', ...details, found: hash } },
    );
  }
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
