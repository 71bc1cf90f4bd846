import { errorDefinition } from '../../../core/errors/catalogue.ts';
import type { TaskReply } from '../cloud-port.ts';

/** Status and JSON text of the answer to a call. */
export interface CallReply {
  readonly status: number;
  readonly text: string;
}

export function callReply(reply: TaskReply): CallReply {
  if (reply.success) {
    // `undefined` has no JSON; an agent that returned nothing returned null.
    const data = JSON.stringify(reply.data) ?? 'null';
    return { status: 200, text: `{"success":true,"data":${data},"taskId":${JSON.stringify(reply.taskId)}}` };
  }
  const { error, taskId } = reply;
  return {
    status: errorDefinition(error.code).status,
    text: JSON.stringify({ success: false, error, message: error.message, taskId }),
  };
}
