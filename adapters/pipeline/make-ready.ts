import type { PloinkyDraft } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { World } from './world.ts';

/** A network or a volume that containers need: in the log, and in the engine as `Found`. */
export interface Needed<Found> {
  readonly engine: string;
  /** As the log has it now. */
  readonly known: () => { readonly status: string; readonly lastEvent: string } | undefined;
  /** What the engine has; null = nothing. */
  readonly find: () => Promise<Found | null>;
  readonly make: () => Promise<Found>;
  /** Whether the log says of it what the engine says. */
  readonly isAsKnown: (found: Found) => boolean;
  readonly requested: () => PloinkyDraft;
  readonly created: (there: Found, found: boolean) => PloinkyDraft;
  readonly lost: (reason: string) => PloinkyDraft;
}

/**
 * Intent, then the engine, then what it said. What is there costs a question. To be called in its turn, since several
 * containers of a deployment start at the same time.
 */
export async function makeReady<Found>(
  { record }: Pick<World, 'record'>,
  needed: Needed<Found>,
  origin: Origin,
): Promise<void> {
  const found = await needed.find();
  if (needed.known()?.status === 'created') {
    if (found && needed.isAsKnown(found)) return;
    if (!found) await record([needed.lost(`${needed.engine} does not know it any more`)], origin);
  }
  const status = needed.known()?.status;
  if (status !== 'createRequested' && status !== 'created') await record([needed.requested()], origin);
  const there = found ?? (await needed.make());
  const cause = needed.known()?.lastEvent ?? origin.cause;
  await record([needed.created(there, found !== null)], { ...origin, cause });
}
