import type { GatewayViews } from '../../adapters/http/gateway/gateway-surroundings.ts';
import { Services } from '../../adapters/http/gateway/services.ts';
import type { Upstream } from '../../adapters/http/pass-through/upstream.ts';
import { releaseFolder } from '../../adapters/pipeline/paths.ts';
import type { RequestsUnderWay } from '../../adapters/pipeline/requests-under-way.ts';
import { isPloinkyError } from '../../core/errors/ploinky-error.ts';
import { releaseId } from '../../core/names/names.ts';
import type { Settings } from '../../core/settings/settings.ts';
import { filesOf } from '../../decisions/serves-files.ts';
import type { Simulation } from '../simulation.ts';
import { type Asked, passRequest } from './passed-request.ts';
import { paths } from './place.ts';

/** So long after something ended, or said nothing, that nobody had asked to, a request may still meet it. */
const troubledMs = 120_000;

export interface GatewayParts {
  readonly views: () => GatewayViews;
  readonly settings: () => Settings;
  readonly requests: RequestsUnderWay;
}

/** Where requests of people come in, in the server itself or in one of its workers: the product's balancer and its way to services. */
export class Gateway {
  readonly #simulation: Simulation;
  readonly #parts: GatewayParts;
  readonly #services: Services;
  #closed = false;

  constructor(simulation: Simulation, parts: GatewayParts) {
    this.#simulation = simulation;
    this.#parts = parts;
    const { views, settings, requests } = parts;
    const now = () => simulation.ground.time.wall();
    const cloud = { views, settings } as unknown as ConstructorParameters<typeof Services>[0]['cloud'];
    this.#services = new Services({ cloud, dataFolder: paths.data, now, requests });
    requests.follow(this.#services);
  }

  /** Somebody opens the address of a deployment. */
  async open(id: string, asked: Asked, request: string): Promise<void> {
    const views = this.#parts.views();
    const deployment = views.deployments.get(id);
    const release = views.releases.get(releaseId(id, deployment?.routed ?? 0));
    if (!deployment || !release) return;
    if (filesOf(release)) return this.#look(id, release.n);
    if (!release.source?.manifest.web) return;
    const { ground } = this.#simulation;
    const { life } = ground;
    const begun = ground.time.now;
    let upstream: Upstream;
    try {
      upstream = this.#services.pick(id);
    } catch (error) {
      if (isPloinkyError(error)) return;
      throw error;
    }
    if (!this.#troubled(id, begun)) this.#witness(id, upstream, views);
    const instead = (refusing: ReadonlySet<Upstream>) => this.#services.instead(id, refusing);
    let problem: string | null = null;
    try {
      const target = { upstream, instead, path: '/', prefix: '', withhold: null };
      const { status, outcome, asWished } = await passRequest(ground, asked, request, target);
      if (asWished) this.#simulation.answered += 1;
      else problem = `${asked}, status ${status}, ${outcome}`;
    } catch (error) {
      problem = `${(error as { code?: string }).code}: ${(error as Error).message}`;
    }
    // What a worker had in hands ends with it.
    if (problem === null || this.#closed || ground.life !== life || ground.down) return;
    ground.tell(`person: ${request} of ${id} failed: ${problem}`);
    if (this.#excused(id, begun)) return;
    ground.fail('nothing-dropped', `${request} of ${id} failed, and all of its containers were well: ${problem}`);
  }

  /** The worker that this was in is gone. */
  close(): void {
    this.#closed = true;
    this.#services.close();
  }

  /** What serves files has them. */
  #look(id: string, n: number): void {
    const { disk, ground, cloud } = this.#simulation;
    // A worker may not know yet that something else serves, or nothing does.
    if (cloud?.store.views.deployments.get(id)?.routed !== n) return;
    if (!disk.find(`${releaseFolder(paths.data, id, n)}/code`))
      ground.fail('files-there', `release ${n} of ${id} serves files, and they are not there`);
  }

  #witness(id: string, { address }: Upstream, views: GatewayViews): void {
    const container = this.#simulation.containerAt(address);
    if (container) this.#simulation.witness.picked(id, container.name, views);
  }

  #troubled(id: string, since: number): boolean {
    return (this.#simulation.troubledAt.get(id) ?? Number.NEGATIVE_INFINITY) > since - troubledMs;
  }

  /** Something happened to its containers, it was removed, or it took longer than one that is replaced may take. */
  #excused(id: string, begun: number): boolean {
    const { time } = this.#simulation.ground;
    const deployment = this.#simulation.cloud?.store.views.deployments.get(id);
    const removed = !deployment || deployment.status === 'removed';
    const { stoppedAt } = this.#simulation;
    const tooLong = time.now - begun > this.#parts.settings().drainTimeoutMs && (stoppedAt.get(id) ?? -1) >= begun;
    return removed || tooLong || this.#troubled(id, begun);
  }
}
