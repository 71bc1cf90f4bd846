import type { TaskCall, TaskReply } from '../http/cloud-port.ts';
import { Withdrawal } from './withdrawal.ts';

/** A call that a worker waits for. It is its own cancellation, so that a call costs one object here. */
export class PendingCall extends Withdrawal {
  readonly call: TaskCall;
  readonly resolve: (reply: TaskReply) => void;
  readonly reject: (error: Error) => void;
  taskId = '';
  /** Of a task that succeeded: what the agent answered. */
  data: unknown = null;

  constructor(call: TaskCall, resolve: (reply: TaskReply) => void, reject: (error: Error) => void) {
    super();
    this.call = call;
    this.resolve = resolve;
    this.reject = reject;
  }
}
