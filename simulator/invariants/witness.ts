import type { DataOf } from '../../core/events/catalogue.ts';
import type { EventEnvelope } from '../../core/events/envelope.ts';
import { deploymentKey, releaseId } from '../../core/names/names.ts';
import type { Release } from '../../projections/releases.ts';
import type { Views } from '../../projections/views.ts';
import type { Program } from '../agents/program.ts';
import type { Container, Daemon } from '../engine/daemon.ts';
import { networkOf } from '../engine/shown.ts';
import type { Ground } from '../ground/ground.ts';
import { cloudId } from '../server/place.ts';
import { secretMark } from '../server/secrets.ts';
import { eligible } from './eligible.ts';
import { pinnedByRollback } from './pins.ts';
import { lastEnd, pauseMs, restsFor } from './restarts.ts';

/** What a witness has to know of the world. */
export interface Seen {
  readonly ground: Ground;
  /** Of the life that runs; null while it begins, and between two. */
  readonly views: () => Views | null;
  readonly events: () => readonly EventEnvelope[];
  /** How many releases that served are kept for a rollback. */
  readonly kept: () => number;
  readonly daemons: () => readonly Daemon[];
  readonly secretValue: (name: string, version: number) => string | undefined;
}

/** Looks at every single thing that the server does to the world, at the moment at which it does it. */
export class Witness {
  readonly #seen: Seen;
  /** Containers of which the log says that nothing is under way in them any more. */
  readonly #drained = new Set<string>();
  /** Requests that must arrive once. */
  readonly #sent = new Set<string>();
  /** Releases that the prune which began last keeps. */
  #kept = Number.POSITIVE_INFINITY;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  /** A container of ours was made: in a network of its own deployment or in none, with the secrets that its release froze. */
  created(daemon: Daemon, container: Container): void {
    const id = container.labels['ploinky.deployment'] ?? '';
    const name = networkOf(container);
    const network = daemon.networks.get(name);
    if (name === 'bridge' || (network && network.labels['ploinky.deployment'] !== id))
      this.#fail('own-network', `${container.name} of ${id} is in the network ${name}`);
    const views = this.#seen.views();
    const release = views?.releases.get(releaseId(id, Number(container.labels['ploinky.release'])));
    if (!release?.source) return;
    const given = container.environment.flatMap((line) => {
      const at = line.indexOf(secretMark);
      return at < 0 ? [] : [line.slice(at)];
    });
    const frozen = Object.entries(release.source.secrets).map(([name, version]) => {
      return this.#seen.secretValue(name, version);
    });
    if (given.every((value) => frozen.includes(value))) return;
    this.#fail(
      'secret-as-frozen',
      `${container.name} got another version of a secret than ${release.id} was made with`,
    );
  }

  /** A request arrives that no standard lets anybody send twice. */
  sent(request: string): void {
    if (this.#sent.has(request)) this.#fail('sent-once', `the POST ${request} arrives for the second time`);
    this.#sent.add(request);
  }

  /** A task or a request arrives at a program. */
  given(program: Program, what: string): void {
    const { name } = program.container;
    if (!program.everAnswered)
      this.#fail('healthy-before-routed', `${what} was given to ${name}, which never answered a health check`);
    if (this.#drained.has(name)) this.#fail('drained-rests', `${what} was given to ${name}, which had been drained`);
  }

  /** Where a request goes that was just passed on: only to what serves now, and to a warm one only in place of another. */
  picked(deployment: string, name: string, views: Pick<Views, 'deployments' | 'releases' | 'containers'>): void {
    const { routed = null, replicas = 0 } = views.deployments.get(deployment) ?? {};
    const chosen = views.containers.get(name);
    const before = [...views.containers.values()].filter(({ deployment: of, release, replica, status }) => {
      return of === deployment && release === routed && replica < (chosen?.replica ?? 0) && status === 'healthy';
    });
    if (chosen?.release !== routed)
      this.#fail('routed-only', `a request of ${deployment} went to ${name}, and release ${routed} is routed`);
    else if (before.length >= replicas)
      this.#fail('warm-waits', `a request of ${deployment} went to ${name}, and ${replicas} before it answer`);
  }

  removesImage(engine: string, id: string): void {
    const needed = this.#eligible().find((release) => release.engine === engine && release.image?.imageId === id);
    if (needed) this.#fail('prune-keeps', `the image of ${needed.id} was taken out of ${engine}`);
  }

  unpins(pins: readonly string[]): void {
    const needed = this.#eligible().find(({ deployment, n }) => pins.includes(`${deploymentKey(deployment)}/${n}`));
    if (needed) this.#fail('prune-keeps', `the commit of ${needed.id} is kept by nothing any more`);
  }

  /** A file or folder goes. */
  removesFiles(path: string): void {
    const [, key, n] = /\/agents\/([^/]+)\/([1-9]\d*)$/.exec(path) ?? [];
    const views = this.#seen.views();
    if (!views || key === undefined) return;
    const release = [...views.releases.values()].find(
      (one) => deploymentKey(one.deployment) === key && one.n === Number(n),
    );
    if (!release) return;
    if (release.status === 'serving') this.#fail('prune-keeps', `the files of ${release.id} went while it serves`);
    for (const { containers } of this.#seen.daemons()) {
      for (const { name, labels, state, program } of containers.values()) {
        const of = labels['ploinky.deployment'] === release.deployment && labels['ploinky.release'] === String(n);
        if (of && program && state === 'running' && labels['ploinky.cloud'] === cloudId)
          this.#fail('prune-keeps', `the files of ${release.id} went while ${name} runs`);
      }
    }
  }

  removesVolume(engine: string, name: string): void {
    const stream = `volume:${engine}/${name}`;
    const asked = this.#seen
      .events()
      .some((event) => event.stream === stream && event.type === 'volume.removeRequested');
    if (!asked) this.#fail('volume-kept', `the volume ${name} was removed, and nobody had named it`);
  }

  stored(event: EventEnvelope): void {
    const { type, stream } = event;
    if (JSON.stringify(event).includes(secretMark)) this.#fail('secret-never-told', `a secret is in a ${type}`);
    const name = stream.slice(stream.indexOf(':') + 1);
    if (type === 'container.drained' && (event.data as DataOf<'container.drained'>).whole) this.#drained.add(name);
    if (type === 'container.startRequested') {
      this.#drained.delete(name);
      this.#started(event);
    }
    if (type === 'container.restartRequested') this.#endedForHealth(event);
    if (type === 'deployment.requested') this.#requested(event);
    if (type === 'prune.requested') this.#kept = (event.data as DataOf<'prune.requested'>).releases;
  }

  #started(event: EventEnvelope): void {
    const { seq, data } = event;
    const { deployment, release: n, replica } = data as DataOf<'container.startRequested'>;
    const views = this.#seen.views();
    const known = views?.deployments.get(deployment);
    const release = views?.releases.get(releaseId(deployment, n));
    this.#startedAgain(event, release);
    // Whoever began before somebody wanted fewer of them goes on.
    if (!known || !release?.source || (known.scaled !== null && seq - known.scaled.seq < 20)) return;
    const most = known.replicas + release.source.manifest.warm;
    if (replica > most)
      this.#fail('warm-waits', `container ${replica} of release ${n} of ${deployment} begins, and ${most} are wanted`);
  }

  /** Of a release that serves: it comes back when its manifest wants it to, and after its pause. */
  #startedAgain({ seq, stream, time }: EventEnvelope, release: Release | undefined): void {
    // What the release that was made began goes on for a moment.
    if (release?.status !== 'serving' || seq - (release.servedAt ?? seq) < 20) return;
    const end = lastEnd(this.#seen.events().slice(0, seq - 1), stream);
    if (end === null) return;
    const policy = release.source?.manifest.restart ?? 'always';
    if (restsFor(end, policy))
      this.#fail(
        'rests-as-told',
        `${stream} is started again after event ${end.event.seq}, and its restart is ${policy}`,
      );
    const restedMs = Date.parse(time) - Date.parse(end.event.time);
    // Whose clock was set rests for as long as a clock says that never jumps.
    if (this.#seen.ground.time.wallOffset === 0 && restedMs < pauseMs(end))
      this.#fail('pause-kept', `${stream} rested for ${restedMs} ms after ${end.failures} failures in a row`);
  }

  #endedForHealth({ stream }: EventEnvelope): void {
    const views = this.#seen.views();
    const { deployment = '', release: n = 0 } = views?.containers.get(stream.slice('container:'.length)) ?? {};
    const release = views?.releases.get(releaseId(deployment, n));
    if (release?.status === 'serving' && release.source?.manifest.restart === 'never')
      this.#fail('rests-as-told', `${stream} is ended for it is not well, and its restart is never`);
  }

  #requested({ seq, stream, data }: EventEnvelope): void {
    const { release: n, trigger, push } = data as DataOf<'deployment.requested'>;
    const views = this.#seen.views();
    if (trigger !== 'push' || !push || !views) return;
    const id = stream.slice('deployment:'.length);
    const commitOf = (release: Release | undefined) => release?.source?.commit ?? release?.push?.commit;
    const routed = views.deployments.get(id)?.routed ?? 0;
    for (const tried of [n - 1, routed]) {
      if (commitOf(views.releases.get(releaseId(id, tried))) === push.commit)
        this.#fail('push-not-retried', `release ${n} of ${id} takes the commit of release ${tried} once more`);
    }
    if (pinnedByRollback(this.#seen.events().slice(0, seq - 1), id))
      this.#fail('pin-rests', `release ${n} of ${id} came of a push, and a rollback had pinned it`);
  }

  #eligible(): Release[] {
    const views = this.#seen.views();
    const open = views?.prunes.get('prune')?.open;
    // Somebody may want more of them, or fewer, since it began.
    const keep = Math.min(this.#seen.kept(), this.#kept);
    return views ? eligible(views, keep, open?.seq ?? Number.POSITIVE_INFINITY) : [];
  }

  #fail(invariant: string, message: string): void {
    this.#seen.ground.fail(invariant, message);
  }
}
