import type { Cancellation } from '../../core/clock/cancellation.ts';

/**
 * One way to reach AgentCore. Two strategies exist, with the same events around them:
 * `http` (unix socket in the run folder, or loopback TCP) and `queue` (files).
 */
export interface AgentTransport {
  readonly kind: 'http' | 'queue';

  /**
   * Hands the task over and waits for its outcome. AgentCore never executes the same id twice: a second call
   * with the same id joins the first or gets its remembered outcome.
   * Resolves with `failed` for everything the handler did wrong; rejects only when the conversation broke:
   * AGENT_UNREACHABLE (certainly not delivered), TASK_OUTCOME_UNKNOWN (delivered, answer lost),
   * TASK_TIMEOUT, TASK_CANCELLED (signal), AGENT_BAD_ANSWER.
   */
  call(address: AgentAddress, task: AgentTask, signal: Cancellation): Promise<TaskOutcome>;

  /** What became of a task that was handed over earlier, for example before a crash of the server. */
  lookup(address: AgentAddress, taskId: string, signal: AbortSignal): Promise<TaskLookup>;

  /** Tells the agent to drop or abort a task; best effort. */
  cancel(address: AgentAddress, taskId: string): Promise<void>;

  /** One health probe. null = not (yet) answering. @param withinMs for the whole of it; a second unless said */
  probe(address: AgentAddress, signal: AbortSignal, withinMs?: number): Promise<AgentHealth | null>;

  close(): Promise<void>;
}

export interface AgentAddress {
  /** Absolute folder that is mounted at /run/ploinky: holds `agent.sock`. */
  readonly runFolder: string;
  /** Absolute folder that is mounted at /agent/.ploinky/queue. */
  readonly queueFolder: string;
  /** Instead of the socket where sockets cannot be shared. */
  readonly tcp: { readonly host: string; readonly port: number } | null;
}

export interface AgentTask {
  readonly id: string;
  readonly command: string;
  readonly params: readonly unknown[];
  readonly runForUserId: string;
  readonly timeoutMs: number;
  /** Small facts for the handler: method, url, headers without cookies and authorization. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export type TaskOutcome =
  | { readonly success: true; readonly data: unknown }
  | {
      readonly success: false;
      /** COMMAND_NOT_FOUND, HANDLER_FAILED, TASK_TIMEOUT, TASK_CANCELLED or a code of the handler's own. */
      readonly error: { readonly code: string; readonly message: string; readonly details: unknown };
    };

export type TaskLookup =
  | { readonly state: 'ended'; readonly outcome: TaskOutcome }
  | { readonly state: 'running' }
  /** AgentCore with this bootId never saw the id, and has forgotten nothing since it started. */
  | { readonly state: 'neverSeen'; readonly bootId: string }
  /** It may have been seen and forgotten, or the agent cannot say. */
  | { readonly state: 'unknown'; readonly bootId: string | null };

export interface AgentHealth {
  readonly bootId: string;
  readonly transport: 'http' | 'queue';
}
