import type { DataOf } from '../../core/events/catalogue.ts';

/** What becomes of `container.healthy`. */
export type Health = Omit<DataOf<'container.healthy'>, 'afterMs'>;

export type ProbeAnswer =
  | { readonly kind: 'well'; readonly health: Health }
  | {
      readonly kind: 'unwell';
      /** What was asked and what came of it, one sentence without a full stop. */
      readonly said: string;
      /** It said that it is not well, instead of saying nothing: asking again at once is of no use. */
      readonly answered: boolean;
    }
  /** It could not be asked, which says nothing of the container. */
  | { readonly kind: 'unseen'; readonly problem: string };

/** One question to one container. Never takes much longer than `withinMs`. */
export type Probe = (signal: AbortSignal, withinMs: number) => Promise<ProbeAnswer>;

export function silent(said: string): ProbeAnswer {
  return { kind: 'unwell', said, answered: false };
}

export function unwell(said: string): ProbeAnswer {
  return { kind: 'unwell', said, answered: true };
}
