import type { PloinkyDraft } from '../core/events/catalogue.ts';
import { exitReasonOf, signalOf } from '../core/events/exit-signal.ts';
import { releaseId } from '../core/names/names.ts';
import type { Container } from '../projections/containers.ts';
import type { Views } from '../projections/views.ts';

/** What an engine says of one container of this cloud. */
export interface Sighting {
  readonly name: string;
  readonly engineId: string;
  readonly deployment: string;
  readonly release: number;
  /** paused = held still by the engine, by hand. */
  readonly status: 'running' | 'paused' | 'exited';
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
  /** For a while since the look before nobody could see what the engine did. */
  readonly away: boolean;
}

export interface Findings {
  readonly drafts: readonly PloinkyDraft[];
  /** Names of containers that exited and whose output is worth keeping. */
  readonly exited: readonly string[];
  /** Names that carry our label but are in no log of ours: left over from a crash or an older folder. */
  readonly orphans: readonly string[];
}

/** Compares what an engine runs with what the log says. */
export function observe(views: Views, observation: Observation): Findings {
  const { engine, sightings, asked } = observation;
  const byName = new Map(sightings.map((sighting) => [sighting.name, sighting]));
  const drafts: PloinkyDraft[] = [];
  const exited: string[] = [];
  for (const container of views.containers.values()) {
    if (container.engine !== engine || asked.get(container.name) !== container.lastEvent) continue;
    const finding = findingOf(container, byName.get(container.name), observation);
    if (!finding) continue;
    if (finding.type === 'container.exited') exited.push(container.name);
    drafts.push(finding);
  }
  return { drafts, exited, orphans: orphansAmong(views, sightings) };
}

/** One that is being stopped or ended by us is left to whoever does it. */
function findingOf(
  { name, status }: Container,
  sighting: Sighting | undefined,
  { adopt, engine, away }: Observation,
): PloinkyDraft | null {
  const alive = status === 'started' || status === 'healthy' || status === 'unhealthy';
  const stream = `container:${name}`;
  if (!alive && status !== 'paused') return null;
  if (!sighting) return { type: 'container.lost', stream, data: { reason: `${engine} does not know it any more` } };
  if (sighting.status === 'exited') {
    const { exitCode, oomKilled } = sighting;
    const signal = signalOf(exitCode);
    const reason = away && !oomKilled ? 'engineAway' : exitReasonOf({ signal, oomKilled });
    return { type: 'container.exited', stream, data: { exitCode, signal, oomKilled, output: '', reason } };
  }
  if (sighting.status === 'paused') return alive ? { type: 'container.paused', stream, data: {} } : null;
  if (status === 'paused') return { type: 'container.resumed', stream, data: {} };
  return adopt.has(name) ? { type: 'container.adopted', stream, data: { engineId: sighting.engineId } } : null;
}

function orphansAmong(views: Views, sightings: readonly Sighting[]): string[] {
  return sightings.filter((s) => !views.containers.has(s.name) && !installs(views, s)).map((s) => s.name);
}

/** An install step runs in a container of its own that no event names. */
function installs(views: Views, { name, deployment, release }: Sighting): boolean {
  return name.endsWith('-install') && views.releases.get(releaseId(deployment, release))?.status === 'imageResolved';
}
