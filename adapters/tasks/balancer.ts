import { isPloinkyError, PloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import { chooseReplica } from '../../decisions/choose-replica.ts';
import { type Condition, conditionOf, jointCondition } from '../../decisions/condition-of.ts';
import { restartPolicyOf, staysDown } from '../../decisions/restart-policy.ts';
import { servesFiles } from '../../decisions/serves-files.ts';
import { takesRequests } from '../../decisions/takes-requests.ts';
import { servingAmong, wantedContainers } from '../../decisions/wanted-containers.ts';
import { passedOverMs, willingReplicas } from '../../decisions/willing-replicas.ts';
import type { Container } from '../../projections/containers.ts';
import type { Deployment } from '../../projections/deployments.ts';
import type { Release } from '../../projections/releases.ts';
import type { Views } from '../../projections/views.ts';
import { siteTakesNoTasks } from '../agents/agent-address.ts';
import type { World } from '../pipeline/world.ts';

/** Calls that run in a container now. */
type LoadOf = (container: Container) => number;

/** What tells where calls can go. */
export interface Places extends Pick<World, 'cloudId' | 'now'> {
  readonly views: Pick<Views, 'deployments' | 'releases' | 'containers'>;
}

/** What serves a deployment, as long as none of these entities is replaced by a newer state of it. */
interface Serving {
  readonly deployment: Deployment;
  readonly release: Release;
  readonly names: readonly string[];
  readonly seen: readonly (Container | undefined)[];
  /** Those that answer: first those that serve, then those that are kept warm. */
  readonly healthy: readonly Container[];
  /** Where the next call goes, as long as none of them refuses. */
  readonly first: readonly Container[];
  readonly loads: number[];
  last: number;
}

/**
 * Decides which container gets a call, or a request that is passed on. What is being stopped, does not answer, or is one
 * too many since the deployment was scaled down, gets nothing.
 */
export class Balancer {
  readonly #world: Places;
  readonly #load: LoadOf;
  readonly #monotonic: () => number;
  readonly #serving = new Map<string, Serving>();
  /** When they refused a connection last. One that was started again is another entity, and begins anew. */
  readonly #refusals = new Map<Container, number>();

  constructor(world: Places, load: LoadOf, monotonic: () => number = () => performance.now()) {
    this.#world = world;
    this.#load = load;
    this.#monotonic = monotonic;
  }

  /**
   * One that has room by the `concurrency` of its manifest where any has, else one that has none. What refused a connection
   * a moment ago is passed over where another one is healthy.
   * @throws PloinkyError DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE, TAKES_NO_TASKS
   */
  pick(deployment: string): Container {
    const known = this.#serving.get(deployment);
    const serving = known && this.#unchanged(deployment, known) ? known : this.#look(deployment, known);
    const { healthy, first, loads } = serving;
    const [only] = healthy;
    if (only === undefined) throw this.#notNow(serving);
    if (healthy.length === 1) return only;
    if (this.#refusals.size > 0) return this.#pickOf(serving, this.#willing(healthy));
    if (first.length === 1) return only;
    for (let i = 0; i < first.length; i += 1) loads[i] = this.#load(first[i] as Container);
    const { balance, concurrency } = manifestOf(serving.release);
    serving.last = chooseReplica(balance, loads, concurrency ?? Number.POSITIVE_INFINITY, serving.last);
    return first[serving.last] as Container;
  }

  /** Certainly nothing could be sent to it just now. */
  refused(container: Container): void {
    const now = this.#monotonic();
    this.#forgetBefore(now);
    this.#refusals.set(container, now);
  }

  /**
   * One that gets what others refused.
   * @param refusing names of the containers that refused it
   * @returns null when there is no other that answers
   */
  pickOther(deployment: string, refusing: ReadonlySet<string>): Container | null {
    let serving: Serving;
    try {
      serving = this.#look(deployment, this.#serving.get(deployment));
    } catch (error) {
      if (isPloinkyError(error)) return null;
      throw error;
    }
    const others = serving.healthy.filter(({ name }) => !refusing.has(name));
    return others.length === 0 ? null : this.#pickOf(serving, this.#willing(others));
  }

  #willing(containers: readonly Container[]): readonly Container[] {
    const now = this.#monotonic();
    this.#forgetBefore(now);
    return willingReplicas(containers, this.#refusals, now);
  }

  #forgetBefore(now: number): void {
    for (const [container, at] of this.#refusals) if (now - at >= passedOverMs) this.#refusals.delete(container);
  }

  /**
   * The turn goes on from the one that had it, whether that is among them or not. A warm one is chosen where too few others
   * are willing.
   */
  #pickOf(serving: Serving, willing: readonly Container[]): Container {
    const { deployment, healthy, release } = serving;
    const some = servingAmong(willing, deployment);
    const { balance, concurrency } = manifestOf(release);
    const loads = some.map((container) => this.#load(container));
    const turn = some.filter((container) => healthy.indexOf(container) <= serving.last).length - 1;
    const chosen = some[chooseReplica(balance, loads, concurrency ?? Number.POSITIVE_INFINITY, turn)] as Container;
    serving.last = healthy.indexOf(chosen);
    return chosen;
  }

  /** State is replaced, never changed: the same entities are the same state. */
  #unchanged(id: string, { deployment, names, seen }: Serving): boolean {
    const { deployments, containers } = this.#world.views;
    if (deployments.get(id) !== deployment) return false;
    for (let i = 0; i < names.length; i += 1) if (containers.get(names[i] as string) !== seen[i]) return false;
    return true;
  }

  #look(id: string, before: Serving | undefined): Serving {
    const { views, cloudId } = this.#world;
    const deployment = views.deployments.get(id);
    if (!deployment || deployment.status === 'removed') {
      this.#serving.delete(id);
      throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${id}.`);
    }
    const { routed } = deployment;
    const release = routed === null ? undefined : views.releases.get(releaseId(id, routed));
    if (!release) {
      const failed = deployment.status === 'failed';
      const state = failed ? 'its deploy failed' : 'its first release is still being made';
      const hint = failed ? `See why: \`p-cli cloud why ${id}\`.` : `See how far it is: \`p-cli cloud why ${id}\`.`;
      throw new PloinkyError('AGENT_UNREACHABLE', `${id} does not serve yet: ${state}.`, { hint });
    }
    const names = wantedContainers(deployment, release, cloudId).map(({ name }) => name);
    const seen = names.map((name) => views.containers.get(name));
    const healthy = seen.filter(takesRequests);
    // Where the turn was before counts on, so that containers which come and go do not favour the first one.
    const last = before?.last ?? -1;
    const first = servingAmong(healthy, deployment);
    const serving = { deployment, release, names, seen, healthy, first, loads: first.map(() => 0), last };
    this.#serving.set(id, serving);
    return serving;
  }

  #notNow({ deployment, release, seen }: Serving): PloinkyError {
    if (servesFiles(release)) return siteTakesNoTasks(deployment.id);
    const policy = restartPolicyOf(release);
    const condition = jointCondition(seen.map((each) => conditionOf(each, policy)));
    if (seen.every((each) => each !== undefined && staysDown(each, policy))) return notAgain(deployment, condition);
    return notNow(deployment.id, condition, this.#world.now());
  }
}

function manifestOf({ source, id }: Release) {
  if (!source) throw new Error(`${id} serves without a source`);
  return source.manifest;
}

/** Nobody starts it again by itself, so there is no time to come back at. */
function notAgain({ id, domain, path, config }: Deployment, { state, reason }: Condition): PloinkyError {
  const why = reason === null ? '' : ` (${reason.replace(/\.$/, '')})`;
  return new PloinkyError('AGENT_UNREACHABLE', `${id} does not answer: it is ${state}${why}.`, {
    hint: `Start it with a new deploy: \`p-cli cloud deploy ${domain} ${path} ${config.agent}\`. See why it ended: \`p-cli cloud logs ${id}\`.`,
    details: { state },
  });
}

/** How its containers are doing, and when they are tried again. */
function notNow(deployment: string, { state, reason, retryAt }: Condition, now: number): PloinkyError {
  const why = `it is ${state}${reason === null ? '' : ` (${reason.replace(/\.$/, '')})`}`;
  // One that is on its way usually needs no more than that.
  const seconds = retryAt === null ? 1 : Math.max(1, Math.ceil((retryAt - now) / 1000));
  const next = state === 'unhealthy' ? 'is asked' : 'starts';
  const again = retryAt === null ? '' : `; it ${next} again in ${seconds} s`;
  return new PloinkyError('AGENT_UNREACHABLE', `${deployment} does not answer at the moment: ${why}${again}.`, {
    hint: `See why: \`p-cli cloud logs ${deployment}\`.`,
    details: { state, retryAfterSeconds: seconds },
  });
}
