import type { Cancellation } from '../../core/clock/cancellation.ts';
import type { Container } from '../../projections/containers.ts';
import type { AgentTask, TaskOutcome } from '../agents/agent-port.ts';

/**
 * Hands a task to the agent in the container and waits for its outcome, as `AgentTransport.call` does and with the same
 * errors. Rejects with `DeliveryLost` when whoever did it is gone: the task is then taken up over this process's own
 * transports, which joins it or gets its remembered outcome.
 */
export type Deliver = (container: Container, task: AgentTask, signal: Cancellation) => Promise<TaskOutcome>;

/** Who delivered a task is gone; the agent may have got it or not. */
export class DeliveryLost extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DeliveryLost';
  }
}
