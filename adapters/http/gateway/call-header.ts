import type { IncomingHttpHeaders } from 'node:http';

/** Sent by p-cli, which means a task where it calls: what takes requests would take it for an ordinary one. */
const callHeader = 'x-ploinky-call';

export function meansTask(headers: IncomingHttpHeaders): boolean {
  return headers[callHeader] !== undefined;
}
