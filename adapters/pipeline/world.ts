import type { PloinkyDraft, PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Origin } from '../../core/kernel/stamp.ts';
import type { Settings } from '../../core/settings/settings.ts';
import type { Views } from '../../projections/views.ts';
import type { AgentTransport } from '../agents/agent-port.ts';
import type { OneAtATime } from '../engine/one-at-a-time.ts';
import type { GitPort } from '../git/git-port.ts';
import type { Removals } from '../prune/removals.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { FoundTask } from '../tasks/found-task.ts';
import type { EngineRegistry } from './engine-registry.ts';
import type { Paths } from './paths.ts';
import type { ReleaseProgress } from './release-progress.ts';
import type { RequestsUnderWay } from './requests-under-way.ts';

/** What came of an effect; what of it depends on the state is decided when it is stored. */
export type Outcome = readonly PloinkyDraft[] | ((views: Views) => readonly PloinkyDraft[]);

/** Everything that an effect may touch. */
export interface World {
  readonly cloudId: string;
  readonly views: Views;
  readonly settings: () => Settings;
  /** Stores outcomes; leaves out what the state no longer takes. */
  readonly record: (
    outcome: Outcome,
    origin: Origin,
    options?: { readonly together?: boolean },
  ) => Promise<readonly PloinkyEvent[]>;
  readonly engines: EngineRegistry;
  readonly git: GitPort;
  readonly secrets: SecretStore;
  readonly transports: { readonly http: AgentTransport; readonly queue: AgentTransport };
  /** What the log has of a call; undefined when it has nothing. */
  readonly findTask: (taskId: string) => Promise<FoundTask | undefined>;
  readonly paths: Paths;
  /** What containers are busy with, in all processes of the server. */
  readonly requests: Pick<RequestsUnderWay, 'idle'>;
  /** What releases that are being made say. */
  readonly progress: ReleaseProgress;
  /** Of things that no release needs: whoever chooses what a release is made of waits for their end. */
  readonly removals: Removals;
  /** Of networks and volumes, by stream: several containers of a deployment start at the same time. */
  readonly turns: OneAtATime;
  readonly now: () => number;
  readonly logger: Logger;
  /** Stores what containers write; waited for before one is taken away. Absent where nobody stores it. */
  readonly containerLogs?: {
    caughtUp(container: string, signal: AbortSignal): Promise<void>;
    /** Of its present start, in the order in which they came, masked; fewer where it wrote fewer. */
    lastLines(container: string, most: number): Promise<readonly string[]>;
  };
  /** Asks the engine again what runs; resolves when the findings are stored. */
  readonly look: (engine: string) => Promise<void>;
}

/** What adapters need of a logger; pino fits. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
