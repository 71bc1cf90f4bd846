import type { EventEnvelope } from '../../core/events/envelope.ts';
import { releaseId } from '../../core/names/names.ts';
import { wantedContainers } from '../../decisions/wanted-containers.ts';
import { cloudId } from '../server/place.ts';
import type { Simulation } from '../simulation.ts';

type World = Pick<Simulation, 'ground' | 'daemons' | 'cloud'>;

/** What serves, looked at whenever that changes. */
export class Serving {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  stored(event: EventEnvelope): void {
    if (event.type === 'deployment.routed') this.#routed(event);
    if (event.type === 'deployment.routed' || event.type === 'release.retired')
      this.#world.ground.time.after(0, () => this.#oneServes());
  }

  /** Whoever gets requests from now on has answered. */
  #routed({ seq, stream, data }: EventEnvelope): void {
    const views = this.#world.cloud?.store.views;
    const id = stream.slice('deployment:'.length);
    const { release: n } = data as { release: number };
    const release = views?.releases.get(releaseId(id, n));
    const deployment = views?.deployments.get(id);
    if (!views || !release || !deployment) return;
    const { ground, daemons } = this.#world;
    const wanted = wantedContainers(deployment, release, cloudId);
    let answering = 0;
    for (const { name } of wanted) {
      const known = views.containers.get(name);
      if (known?.status !== 'healthy') continue;
      answering += 1;
      if (daemons.some(({ kind, answered }) => kind === known.engine && answered.has(known.engineId ?? ''))) continue;
      const message = `release ${n} of ${id} was routed, and its container ${name} never answered a health check`;
      ground.fail('healthy-before-routed', message);
    }
    // Those that are kept warm may follow, and those that somebody asked for in the moment of the switch.
    const justScaled = deployment.scaled !== null && seq - deployment.scaled.seq < 20;
    if (answering >= Math.min(justScaled ? 1 : deployment.replicas, wanted.length)) return;
    ground.fail('healthy-before-routed', `release ${n} of ${id} was routed, and ${answering} of its containers answer`);
  }

  #oneServes(): void {
    const { ground, cloud } = this.#world;
    const views = cloud?.store.views;
    if (!views) return;
    const serving = new Map<string, number>();
    for (const { deployment, n, status } of views.releases.values()) {
      if (status !== 'serving') continue;
      const other = serving.get(deployment);
      if (other !== undefined) ground.fail('one-serves', `releases ${other} and ${n} of ${deployment} serve at once`);
      serving.set(deployment, n);
      const routed = views.deployments.get(deployment)?.routed;
      if (routed !== n) ground.fail('one-serves', `release ${n} of ${deployment} serves, and ${routed} is routed`);
    }
  }
}
