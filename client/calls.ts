// What calls take and what they answer, as types alone.

export interface BatchCall {
  /** A configured name or a path. */
  readonly agent?: string;
  readonly path?: string;
  readonly command: string;
  readonly params?: readonly unknown[];
}

/** How a call is to be treated, beside what it calls. */
export interface CallOptions {
  /** ms that the call may take from acceptance on, waiting for its turn included; default is the server's setting. */
  readonly timeoutMs?: number;
  /** Whose turn comes first among calls that wait; default normal. */
  readonly priority?: 'urgent' | 'normal' | 'low';
  /** At most 200 characters: the same call under the same key runs once, and its outcome is given again. */
  readonly idempotencyKey?: string;
  /** http or https URL that is posted the outcome. */
  readonly callback?: string;
}

/** A call that is durable and has no outcome yet. */
export interface AcceptedCall {
  readonly taskId: string;
  /** Path on the server, for `task` and `cancelTask` in other programs. */
  readonly url: string;
  /** ISO 8601: kept until then at least; null = for ever. */
  readonly expires: string | null;
}

export interface TaskView {
  readonly taskId: string;
  /** The first two have no outcome yet; of those that wait no agent has seen any. */
  readonly state: 'waiting' | 'running' | 'completed' | 'failed' | 'timedOut' | 'cancelled';
  readonly deployment: string;
  readonly command: string;
  readonly acceptedAt: string;
  readonly endedAt: string | null;
  readonly expires: string | null;
  /** With an outcome. */
  readonly success?: boolean;
  readonly data?: unknown;
  readonly error?: {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly details: unknown;
  };
}

/** One call of `callMany`. */
export interface CallOfMany {
  readonly command: string;
  readonly params?: readonly unknown[];
}

/** What came of one call of `callMany`. */
export interface ReplyOfMany {
  /** The status that the call would have been answered with alone. */
  readonly status: number;
  readonly success: boolean;
  readonly data?: unknown;
  readonly error?: TaskView['error'];
  readonly taskId: string;
}

export interface BatchResult {
  readonly results: { readonly index: number; readonly success: true; readonly result: unknown }[];
  readonly errors: { readonly index: number; readonly success: false; readonly error: string }[];
  readonly success: boolean;
}
