import type { Effect } from '../core/kernel/reactor.ts';

/** Ties the events of an effect to what asked for it. */
interface Thread {
  readonly cause: string | null;
  readonly trace: string;
}

interface OfRelease extends Effect, Thread {
  readonly release: string;
}

/** Its lane is the container: what is done to one replica waits for nothing that is done to another. */
interface OfContainer extends OfRelease {
  readonly container: string;
}

export type PloinkyEffect =
  | (Effect & Thread & { kind: 'syncRepository'; repository: string; wantedAt: number })
  | (Effect & Thread & { kind: 'deliverCallback'; taskId: string; attempt: number })
  | (OfRelease & { kind: 'resolveSource' | 'resolveImage' | 'installRelease' | 'routeRelease' | 'cleanRelease' })
  | (OfContainer & { kind: 'failRelease'; stage: 'start' | 'health' })
  | (OfContainer & { kind: 'startContainer'; replica: number; attempt: number })
  | (OfContainer & { kind: 'checkHealth'; attempt: number })
  | (OfContainer & { kind: 'resumeContainer' })
  | (OfContainer & { kind: 'endContainer'; attempt: number; reason: string })
  | (Effect & Thread & { kind: 'stopContainer'; container: string; reason: string })
  | (Effect & Thread & { kind: 'removeNetwork'; network: string; reason: string })
  | (Effect & Thread & { kind: 'removeVolume'; volume: string });
