import type { TaskReply } from '../http/cloud-port.ts';

/** `waiting`: no agent has seen it. The others but `running` are outcomes. */
export type TaskState = 'waiting' | 'running' | 'completed' | 'failed' | 'timedOut' | 'cancelled';

/** A call as the log has it. */
export interface FoundTask {
  readonly taskId: string;
  readonly state: TaskState;
  readonly deployment: string;
  readonly command: string;
  /** ISO 8601. */
  readonly acceptedAt: string;
  /** ISO 8601; null without an outcome. */
  readonly endedAt: string | null;
  /** Null without an outcome. */
  readonly reply: TaskReply | null;
}

/** As callers and callbacks are told of it: with an outcome, `success` and `data` or `error` are in it. JSON. */
export function taskView({ reply, ...known }: FoundTask): Readonly<Record<string, unknown>> {
  return { ...known, ...reply };
}
