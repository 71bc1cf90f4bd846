import type { AnyProjection } from '../core/kernel/projection.ts';
import { callbacks } from './callbacks.ts';
import { cloud } from './cloud.ts';
import { containers } from './containers.ts';
import { deployments } from './deployments.ts';
import { domains } from './domains.ts';
import { engines } from './engines.ts';
import { keys } from './keys.ts';
import { networks } from './networks.ts';
import { prunes } from './prunes.ts';
import { releases } from './releases.ts';
import { repositories } from './repositories.ts';
import { secrets } from './secrets.ts';
import { segments } from './segments.ts';
import { sessions } from './sessions.ts';
import { tasks } from './tasks.ts';
import { usage } from './usage.ts';
import type { Views } from './views.ts';
import { volumes } from './volumes.ts';

/** One projection for each entry of `Views`, in that order. */
export const projections = {
  cloud,
  keys,
  sessions,
  domains,
  repositories,
  deployments,
  releases,
  containers,
  engines,
  networks,
  volumes,
  secrets,
  tasks,
  callbacks,
  usage,
  segments,
  prunes,
} satisfies Record<keyof Views, AnyProjection>;
