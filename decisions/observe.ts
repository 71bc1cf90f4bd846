import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { releaseId } from '../core/names/names.ts';
import type { Views } from '../projections/views.ts';

/** What an engine says of one container of this cloud. */
export interface Sighting {
  readonly name: string;
  readonly engineId: string;
  readonly deployment: string;
  readonly release: number;
  readonly status: 'running' | 'exited';
  readonly exitCode: number | null;
  readonly oomKilled: boolean;
}

export interface Observation {
  readonly engine: string;
  readonly sightings: readonly Sighting[];
  /**
   * Last event of each container when the engine was asked. What has changed since is left for the next look: the
   * answer is older than the state.
   */
  readonly asked: ReadonlyMap<string, string>;
  /** Containers of a former run of the server: those that still run are taken over, with an event that says so. */
  readonly adopt: ReadonlySet<string>;
}

export interface Findings {
  readonly drafts: readonly PloinkyDraft[];
  /** Names of containers that exited and whose output is worth keeping. */
  readonly exited: readonly string[];
  /** Names that carry our label but are in no log of ours: left over from a crash or an older folder. */
  readonly orphans: readonly string[];
}

/** Compares what an engine runs with what the log says. */
export function observe(views: Views, { engine, sightings, asked, adopt }: Observation): Findings {
  const byName = new Map(sightings.map((sighting) => [sighting.name, sighting]));
  const drafts: PloinkyDraft[] = [];
  const exited: string[] = [];
  for (const container of views.containers.values()) {
    if (container.engine !== engine || asked.get(container.name) !== container.lastEvent) continue;
    const { name, status } = container;
    const alive = status === 'started' || status === 'healthy' || status === 'unhealthy';
    const sighting = byName.get(name);
    const stream = `container:${name}`;
    if (sighting?.status === 'running') {
      if (adopt.has(name) && alive)
        drafts.push({ type: 'container.adopted', stream, data: { engineId: sighting.engineId } });
    } else if (sighting && alive) {
      exited.push(name);
      const { exitCode, oomKilled } = sighting;
      drafts.push({ type: 'container.exited', stream, data: { exitCode, signal: null, oomKilled, output: '' } });
    } else if (!sighting && alive) {
      drafts.push({ type: 'container.lost', stream, data: { reason: `${engine} does not know it any more` } });
    }
  }
  return { drafts, exited, orphans: orphansAmong(views, sightings) };
}

function orphansAmong(views: Views, sightings: readonly Sighting[]): string[] {
  return sightings.filter((s) => !views.containers.has(s.name) && !installs(views, s)).map((s) => s.name);
}

/** An install step runs in a container of its own that no event names. */
function installs(views: Views, { name, deployment, release }: Sighting): boolean {
  return name.endsWith('-install') && views.releases.get(releaseId(deployment, release))?.status === 'imageResolved';
}
