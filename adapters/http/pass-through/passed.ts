import type { RequestForm } from './request-head.ts';
import type { Upstream } from './upstream.ts';

/** Where a request is passed to, and in what form. */
export interface PassTarget extends RequestForm {
  readonly upstream: Upstream;
  /** Who gets a request that may be sent again, or of which nothing could be sent to these; null when nobody is left. */
  readonly instead?: (refusing: ReadonlySet<Upstream>) => Upstream | null;
}

/** What went through. Bytes are those of the bodies. */
export interface Passed {
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Both ends of an answer that was cut off know that it is not whole. */
  readonly outcome: 'whole' | 'clientGone' | 'serviceGone';
}
