import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { FoldedState } from '../../core/kernel/store.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';
import type { Denial } from '../http/auth/denied-access.ts';
import type { RequestContext, StoppedProjection, TaskCall, TaskReply } from '../http/cloud-port.ts';
import type { InnerSocket } from '../http/inner-socket.ts';
import type { Limits } from '../http/limits.ts';
import type { AuditedRequest } from '../http/traffic/audit-trail.ts';
import type { ServiceCount } from '../http/traffic/service-meters.ts';

/** An error on its way to the other process. */
export interface SentProblem {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: unknown;
}

/** What a worker counted since it last told; `n` numbers the question that it answers, 0 = nobody asked. */
export interface Counted {
  readonly t: 'counted';
  readonly n: number;
  readonly requests: readonly RequestCount[];
  readonly services: readonly ServiceCount[];
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
  | {
      readonly t: 'deliver';
      readonly n: number;
      readonly taskId: string;
      /** Its name; the worker has folded the rest. */
      readonly container: string;
      /** What is left of the call's time. */
      readonly timeoutMs: number;
    }
  /** The same for a call that was accepted on its own; `n` is below zero and made here. */
  | { readonly t: 'hand'; readonly n: number; readonly container: string; readonly task: AgentTask }
  /** Its time is up, or it was taken back. */
  | { readonly t: 'abort'; readonly n: number; readonly reason: 'timeout' | 'other' }
  /** The outcome that the worker told is durable, and the reply. */
  | { readonly t: 'done'; readonly n: number }
  | { readonly t: 'reply'; readonly n: number; readonly reply: TaskReply }
  /** What `accept` asked for is durable; the outcomes follow, each by its index. */
  | { readonly t: 'accepted'; readonly n: number; readonly taskIds: readonly string[] }
  | { readonly t: 'settled'; readonly n: number; readonly index: number; readonly reply: TaskReply }
  | { readonly t: 'unsettled'; readonly n: number; readonly index: number; readonly problem: SentProblem }
  /** It was not accepted. */
  | { readonly t: 'refused'; readonly n: number; readonly problem: SentProblem }
  /** To tell at once what was counted. */
  | { readonly t: 'count'; readonly n: number }
  /** Nothing new goes to that container: to tell, once nothing is under way there. */
  | { readonly t: 'untilIdle'; readonly n: number; readonly container: string }
  /** No new requests; to end when the last answer is out. */
  | { readonly t: 'drain' };

export type FromWorker =
  | { readonly t: 'folded'; readonly seq: number }
  /** The connection with that number is the worker's now. */
  | { readonly t: 'took'; readonly id: number }
  /** One of its connections closed. */
  | { readonly t: 'left' }
  | { readonly t: 'call'; readonly n: number; readonly call: TaskCall; readonly context: RequestContext }
  | {
      readonly t: 'accept';
      readonly n: number;
      readonly calls: readonly TaskCall[];
      readonly context: RequestContext;
    }
  | { readonly t: 'outcome'; readonly n: number; readonly outcome: TaskOutcome }
  /** The conversation with the agent broke. */
  | { readonly t: 'broke'; readonly n: number; readonly problem: SentProblem }
  /** The worker cannot hand it over: it knows no such container. */
  | { readonly t: 'lost'; readonly n: number }
  /** Answers `untilIdle` of that number. */
  | { readonly t: 'idle'; readonly n: number }
  | { readonly t: 'denied'; readonly denial: Denial }
  /** At once: it is to be an event. */
  | { readonly t: 'audited'; readonly request: AuditedRequest }
  /** Each second, also when there is nothing to tell: it is alive. */
  | Counted;

/** Requests that a worker answered itself, by status. */
export interface RequestCount {
  readonly status: number;
  readonly count: number;
  readonly totalMs: number;
}
