import type { TaskReply } from '../cloud-port.ts';
import type { CallMeters } from '../traffic/call-meters.ts';
import { outcomeOf } from '../traffic/call-outcome.ts';

/** Counts calls whose outcome nobody may be waiting for, from acceptance to outcome. */
export async function counted<T extends { readonly outcome: Promise<TaskReply> }>(
  meters: Pick<CallMeters, 'begun' | 'ended'>,
  calls: number,
  accept: () => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const began = performance.now();
  const end = (how: Parameters<CallMeters['ended']>[0]) => meters.ended(how, performance.now() - began);
  for (let i = 0; i < calls; i += 1) meters.begun();
  let accepted: readonly T[];
  try {
    accepted = await accept();
  } catch (error) {
    for (let i = 0; i < calls; i += 1) end('refused');
    throw error;
  }
  for (const { outcome } of accepted) {
    outcome.then(
      (reply) => end(outcomeOf(reply.success ? null : reply.error.code)),
      // The server stops; the next start gives it its outcome.
      () => end('failed'),
    );
  }
  return accepted;
}
