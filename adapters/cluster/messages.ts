import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { FoldedState } from '../../core/kernel/store.ts';
import type { TaskOutcome } from '../agents/agent-port.ts';
import type { Denial } from '../http/auth/denied-access.ts';
import type { RequestContext, StoppedProjection, TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { InnerSocket } from '../http/inner-socket.ts';
import type { Limits } from '../http/limits.ts';

/** An error on its way to the other process. */
export interface SentProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: unknown;
}

/** What a worker begins with. */
export interface Begin {
  readonly t: 'begin';
  /** The folder that was served, absolute. */
  readonly dir: string;
  readonly version: string;
  readonly limits: Limits;
  /** Where everything goes that a worker does not answer itself. */
  readonly inner: InnerSocket;
  /** Entities of the projections in `followedViews`. */
  readonly state: FoldedState;
  readonly stopped: readonly StoppedProjection[];
}

/** `n` numbers the calls of one worker. */
export type ToWorker =
  | Begin
  | { readonly t: 'events'; readonly events: readonly EventEnvelope[] }
  /** `task.enqueued` is durable: to be handed to that container, now. */
  | { readonly t: 'deliver'; readonly n: number; readonly taskId: string; readonly container: string }
  /** Nobody wants that outcome any more. */
  | { readonly t: 'abort'; readonly n: number; readonly reason: 'timeout' | 'other' }
  /** The outcome that the worker told is durable, and the reply. */
  | { readonly t: 'done'; readonly n: number }
  | { readonly t: 'reply'; readonly n: number; readonly reply: TaskReply }
  /** It was not accepted. */
  | { readonly t: 'refused'; readonly n: number; readonly problem: SentProblem }
  /** To tell at once what was counted. */
  | { readonly t: 'count'; readonly n: number }
  /** No new requests; to end when the last answer is out. */
  | { readonly t: 'drain' };

export type FromWorker =
  | { readonly t: 'folded'; readonly seq: number }
  /** The connection with that number is the worker's now. */
  | { readonly t: 'took'; readonly id: number }
  /** One of its connections closed. */
  | { readonly t: 'left' }
  | { readonly t: 'call'; readonly n: number; readonly call: TaskCall; readonly context: RequestContext }
  | { readonly t: 'outcome'; readonly n: number; readonly outcome: TaskOutcome }
  /** The conversation with the agent broke. */
  | { readonly t: 'broke'; readonly n: number; readonly problem: SentProblem }
  | { readonly t: 'denied'; readonly denial: Denial }
  /** Each second, also when there is nothing to tell: it is alive. */
  | { readonly t: 'counted'; readonly n: number; readonly requests: readonly RequestCount[] };

/** Requests that a worker answered itself, by status. */
export interface RequestCount {
  readonly status: number;
  readonly count: number;
  readonly totalMs: number;
}
