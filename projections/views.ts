import type { Callback } from './callbacks.ts';
import type { Cloud } from './cloud.ts';
import type { Container } from './containers.ts';
import type { Deployment } from './deployments.ts';
import type { Domain } from './domains.ts';
import type { EngineState } from './engines.ts';
import type { Key } from './keys.ts';
import type { Network } from './networks.ts';
import type { Prunes } from './prunes.ts';
import type { Release } from './releases.ts';
import type { Repository } from './repositories.ts';
import type { Secret } from './secrets.ts';
import type { Segment } from './segments.ts';
import type { Session } from './sessions.ts';
import type { OpenTask } from './tasks.ts';
import type { Usage } from './usage.ts';
import type { Volume } from './volumes.ts';

/** Everything folded from the log, by projection and key. What is not here cannot be decided upon. */
export interface Views {
  /** One entry, `cloud`. */
  readonly cloud: ReadonlyMap<string, Cloud>;
  readonly keys: ReadonlyMap<string, Key>;
  readonly sessions: ReadonlyMap<string, Session>;
  readonly domains: ReadonlyMap<string, Domain>;
  readonly repositories: ReadonlyMap<string, Repository>;
  /** By deployment id, `<domain><path>`. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** By release id, `<domain><path>#<n>`. */
  readonly releases: ReadonlyMap<string, Release>;
  /** By container name. */
  readonly containers: ReadonlyMap<string, Container>;
  readonly engines: ReadonlyMap<string, EngineState>;
  /** Private networks of deployments, by `<engine>/<name>`. */
  readonly networks: ReadonlyMap<string, Network>;
  /** Named volumes, by `<engine>/<name in the engine>`. They outlive their deployments. */
  readonly volumes: ReadonlyMap<string, Volume>;
  /** By name, without values. */
  readonly secrets: ReadonlyMap<string, Secret>;
  /** Tasks without an outcome. */
  readonly tasks: ReadonlyMap<string, OpenTask>;
  /** By task: outcomes that a caller's URL is still to be told. */
  readonly callbacks: ReadonlyMap<string, Callback>;
  /** By `<YYYY-MM-DD>|<deployment>|<command>`. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** By first event. Task events that lie in files, and those that were deleted. */
  readonly segments: ReadonlyMap<string, Segment>;
  /** One entry, `prune`. */
  readonly prunes: ReadonlyMap<string, Prunes>;
}
