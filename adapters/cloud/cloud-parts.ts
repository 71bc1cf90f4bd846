import type { Clock, NewId } from '../../core/clock/clock.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import type { CollectableBlobs } from '../../core/log/file-blobs.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Views } from '../../projections/views.ts';
import type { EngineRegistry } from '../pipeline/engine-registry.ts';
import type { RequestsUnderWay } from '../pipeline/requests-under-way.ts';
import type { World } from '../pipeline/world.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { FileSnapshots } from '../snapshots/file-snapshots.ts';

/** What the wiring hands in: everything of the world but what the kernel makes itself. */
export type CloudParts = Omit<
  World,
  | 'cloudId'
  | 'views'
  | 'settings'
  | 'record'
  | 'look'
  | 'findTask'
  | 'engines'
  | 'secrets'
  | 'requests'
  | 'containerLogs'
  | 'progress'
  | 'removals'
  | 'turns'
> & {
  /** Shared with whoever passes requests on. */
  readonly requests: RequestsUnderWay;
  readonly blobs: CollectableBlobs;
  readonly snapshots: FileSnapshots;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Made per cloud, since engines label what they start with its id. */
  readonly engines: (cloudId: string, record: World['record'], views: Views) => EngineRegistry;
  /** Values are bound to the cloud that they are of. */
  readonly secrets: (cloudId: string) => SecretStore;
  /** Other processes that fold what is committed here; none in a server of one process. */
  readonly followers?: Followers;
  /** Told of changed settings, for what lives outside the kernel. */
  readonly onSettings: (settings: Settings) => void;
};

/** Processes that follow the state. */
export interface Followers {
  publish(events: readonly EventEnvelope[]): void;
  /** Resolves when all have folded what was published. */
  caughtUp(): Promise<void>;
}
