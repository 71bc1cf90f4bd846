import type { EventEnvelope } from '../events/envelope.ts';
import { damage } from './damage.ts';
import { keyframeDigest } from './gap.ts';
import { Outline } from './sealed-record.ts';
import type { SegmentManifest } from './segment-manifest.ts';
import type { StoredGroup } from './stored-groups.ts';

interface Walked {
  readonly segment: number;
  readonly digest: string;
  readonly to: number;
  readonly deleted: boolean;
}

/**
 * Holds every sealed range that a walk passes against the events that tell of it, further on in the same chain: what
 * was kept between two gaps could otherwise be changed once the file is gone, since nothing is left that is chained to it.
 */
export class SealCheck {
  readonly #place: string;
  readonly #walked: Walked[] = [];
  readonly #sealed = new Map<number, SegmentManifest>();
  readonly #deleted = new Map<number, string>();
  /** Digest of the keyframe that was found, by segment. */
  readonly #keyframes = new Map<number, string>();
  #open: { segment: number; outline: Outline; to: number; deleted: boolean } | null = null;

  constructor(place: string) {
    this.#place = place;
  }

  begin({ sealed, first, lines, gone }: StoredGroup): void {
    if (this.#open && this.#open.segment !== sealed?.segment) this.#close();
    if (!sealed) return;
    this.#open ??= { segment: sealed.segment, outline: new Outline(), to: 0, deleted: false };
    this.#open.to = gone ? gone.to : first + lines.length - 1;
    if (sealed.gap) this.#open.outline.gap(sealed.gap);
    if (!gone) return;
    this.#open.deleted = true;
    if (gone.keyframe) this.#keyframes.set(sealed.segment, keyframeDigest(gone.keyframe));
  }

  event(event: EventEnvelope, { sealed }: StoredGroup): void {
    if (sealed && !sealed.gap) this.#open?.outline.kept(event.seq, event.hash);
    if (event.type === 'log.sealed') {
      const manifest = event.data as SegmentManifest;
      this.#sealed.set(manifest.from, manifest);
    } else if (event.type === 'log.segmentDeleted') {
      const { from, keyframe } = event.data as { from: number; keyframe: string };
      this.#deleted.set(from, keyframe);
    }
  }

  /** @throws PloinkyError LOG_DAMAGED */
  end(): void {
    this.#close();
    for (const { segment, digest, to, deleted } of this.#walked) {
      const told = this.#sealed.get(segment);
      if (!told || told.to !== to || told.outline !== digest) throw damage.seal(this.#place, segment, to);
      if (deleted && !this.#deleted.has(segment)) throw damage.missing(this.#place, segment, to);
      const keyframe = this.#keyframes.get(segment);
      if (keyframe !== undefined && keyframe !== this.#deleted.get(segment))
        throw damage.seal(this.#place, segment, to);
    }
    const newest = this.#walked.findLast(({ deleted }) => deleted);
    if (newest && !this.#keyframes.has(newest.segment)) throw damage.keyframe(this.#place, newest.segment, newest.to);
  }

  #close(): void {
    if (!this.#open) return;
    const { segment, outline, to, deleted } = this.#open;
    this.#walked.push({ segment, digest: outline.digest(), to, deleted });
    this.#open = null;
  }
}
