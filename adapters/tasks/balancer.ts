import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { containerName } from '../../core/names/names.ts';
import { type Condition, conditionOf } from '../../decisions/condition-of.ts';
import type { Container } from '../../projections/containers.ts';
import type { World } from '../pipeline/world.ts';

/** Decides which container serves a call. */
export class Balancer {
  readonly #world: Pick<World, 'views' | 'cloudId' | 'now'>;

  constructor(world: Pick<World, 'views' | 'cloudId' | 'now'>) {
    this.#world = world;
  }

  /**
   * The container for the next call: one that has room where any has, else one that has none; the call waits then.
   * @throws PloinkyError DEPLOYMENT_NOT_FOUND, AGENT_UNREACHABLE
   */
  pick(deployment: string): Container {
    const { views, cloudId } = this.#world;
    const routed = views.deployments.get(deployment);
    if (!routed || routed.status === 'removed') {
      throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing is deployed at ${deployment}.`);
    }
    if (routed.routed === null) {
      const state = routed.status === 'failed' ? 'its deploy failed' : 'its first release is still being made';
      throw new PloinkyError('AGENT_UNREACHABLE', `${deployment} does not serve yet: ${state}.`);
    }
    const container = views.containers.get(containerName(deployment, routed.routed, cloudId));
    if (container?.status !== 'healthy') {
      throw notNow(deployment, conditionOf(container), this.#world.now());
    }
    return container;
  }
}

/** How its container is doing, and when it is tried again. */
function notNow(deployment: string, { state, reason, retryAt }: Condition, now: number): PloinkyError {
  const why = `it is ${state}${reason === null ? '' : ` (${reason.replace(/\.$/, '')})`}`;
  // One that is on its way usually needs no more than that.
  const seconds = retryAt === null ? 1 : Math.max(1, Math.ceil((retryAt - now) / 1000));
  const next = state === 'unhealthy' ? 'is asked' : 'starts';
  const again = retryAt === null ? '' : `; it ${next} again in ${seconds} s`;
  return new PloinkyError('AGENT_UNREACHABLE', `${deployment} does not answer at the moment: ${why}${again}.`, {
    hint: `See why: \`p-cli cloud logs --deployment ${deployment}\`.`,
    details: { state, retryAfterSeconds: seconds },
  });
}
