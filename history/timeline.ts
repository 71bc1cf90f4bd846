import { PloinkyError, type ProblemShape } from '../core/errors/ploinky-error.ts';
import type { DataOf, PloinkyEvent } from '../core/events/catalogue.ts';
import { upcast } from '../core/events/upcast.ts';
import { releaseId } from '../core/names/names.ts';
import { changesBetween, type JsonChange } from './json-changes.ts';
import type { Past } from './past.ts';

/** `pending` = still on its way · `superseded` = retired before it served · `served` = it did, and no more. */
export type ReleaseOutcome = 'pending' | 'serving' | 'served' | 'failed' | 'superseded';

/** One release of a deployment, from the request for it to its end. */
export interface TimelineRelease {
  readonly release: number;
  readonly trigger: 'deploy' | 'redeploy' | 'rollback' | 'push';
  /** Release that a rollback took up again. */
  readonly target: number | null;
  /** In the words of whoever asked. */
  readonly reason: string | null;
  readonly actor: string;
  readonly requested: EventPlace;
  readonly agent: string;
  readonly engine: string;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly commit: string | null;
  /** First line of the commit's message. */
  readonly subject: string | null;
  readonly image: DataOf<'release.imageResolved'> | null;
  readonly environment: DataOf<'deployment.requested'>['config']['environment'];
  /** Version by name. */
  readonly secrets: Readonly<Record<string, number>> | null;
  /** The release that had served last when it came to serve, or, where it never did, when it was asked for; null where none ever had. */
  readonly comparedWith: number | null;
  /** Against that one; what one of the two never came to know is left out. */
  readonly changes: readonly JsonChange[];
  readonly outcome: ReleaseOutcome;
  /** When it began to serve, or failed, or was given up before that; null while it is pending. */
  readonly decided: EventPlace | null;
  /** From the request to that, in milliseconds; null where clocks jumped back. */
  readonly durationMs: number | null;
  /** When it served no more, and why. */
  readonly ended: (EventPlace & { readonly reason: string }) | null;
  readonly failure: { readonly stage: string; readonly problem: ProblemShape; readonly log: string | null } | null;
}

export interface EventPlace {
  readonly seq: number;
  readonly time: string;
}

/** What happened to the deployment beside its releases. */
export interface TimelineNote extends EventPlace {
  readonly kind: 'removed' | 'rolledBackToSame' | 'scaled' | 'watched' | 'unwatched';
  readonly actor: string;
  readonly reason: string | null;
  /** Release that served already what was asked for. */
  readonly target: number | null;
  /** How many containers the releases ran in from then on, where that changed. */
  readonly replicas: number | null;
}

export interface Timeline {
  readonly deployment: string;
  /** Number of the release that serves; null when none does. */
  readonly serving: number | null;
  readonly releases: readonly TimelineRelease[];
  readonly notes: readonly TimelineNote[];
}

type Requested = Extract<PloinkyEvent, { type: 'deployment.requested' }>;

/**
 * The life of a deployment, also of one that was removed, out of its own events.
 * @throws PloinkyError DEPLOYMENT_NOT_FOUND
 */
export async function timelineOf(past: Past, deployment: string): Promise<Timeline> {
  const requests: Requested[] = [];
  const routed = new Map<number, PloinkyEvent>();
  const notes: TimelineNote[] = [];
  let serving: number | null = null;
  for (const event of await eventsOf(past, `deployment:${deployment}`)) {
    if (event.type === 'deployment.requested') requests.push(event);
    if (event.type === 'deployment.routed') {
      serving = event.data.release;
      routed.set(serving, event);
    }
    if (event.type === 'deployment.removed') {
      serving = null;
      notes.push({
        kind: 'removed',
        ...placeOf(event),
        actor: event.actor,
        reason: event.data.reason,
        target: null,
        replicas: null,
      });
    }
    if (event.type === 'deployment.rolledBack' && event.data.outcome === 'noop') {
      const { reason, target } = event.data;
      notes.push({ kind: 'rolledBackToSame', ...placeOf(event), actor: event.actor, reason, target, replicas: null });
    }
    if (event.type === 'deployment.watchChanged') {
      const { watch, reason = null } = event.data;
      const kind = watch ? 'watched' : 'unwatched';
      notes.push({ kind, ...placeOf(event), actor: event.actor, reason, target: null, replicas: null });
    }
    if (event.type === 'deployment.scaled') {
      const { replicas } = event.data;
      notes.push({ kind: 'scaled', ...placeOf(event), actor: event.actor, reason: null, target: null, replicas });
    }
  }
  if (requests.length === 0) {
    throw new PloinkyError('DEPLOYMENT_NOT_FOUND', `Nothing was ever deployed at ${deployment}.`);
  }
  const releases: TimelineRelease[] = [];
  const shapes = new Map<number, Shape>();
  for (const request of requests) {
    const { release } = request.data;
    const life = await lifeOf(past, request, routed.get(release));
    const shape = shapeOf(request, life);
    shapes.set(release, shape);
    const comparedWith = servedLast(routed, routed.get(release)?.seq ?? request.seq);
    const before = comparedWith === null ? undefined : shapes.get(comparedWith);
    const changes = before ? changesBetween(...comparable(before, shape)) : [];
    releases.push(described(request, life, { comparedWith, changes }, serving));
  }
  return { deployment, serving, releases, notes };
}

/** What failed never ran for anybody, so that nobody can tell it from what came after. */
function servedLast(routed: ReadonlyMap<number, PloinkyEvent>, before: number): number | null {
  let last: { readonly release: number; readonly seq: number } | null = null;
  for (const [release, { seq }] of routed) if (seq < before && seq > (last?.seq ?? 0)) last = { release, seq };
  return last?.release ?? null;
}

interface Life {
  source: DataOf<'release.sourceResolved'> | null;
  image: DataOf<'release.imageResolved'> | null;
  failed: Extract<PloinkyEvent, { type: 'release.failed' }> | null;
  retired: Extract<PloinkyEvent, { type: 'release.retired' }> | null;
  routed: PloinkyEvent | null;
}

async function lifeOf(past: Past, { data, stream }: Requested, routed: PloinkyEvent | undefined): Promise<Life> {
  const life: Life = { source: null, image: null, failed: null, retired: null, routed: routed ?? null };
  const name = stream.slice('deployment:'.length);
  for (const event of await eventsOf(past, `release:${releaseId(name, data.release)}`)) {
    if (event.type === 'release.sourceResolved') life.source = event.data;
    else if (event.type === 'release.imageResolved') life.image = event.data;
    else if (event.type === 'release.failed') life.failed = event;
    else if (event.type === 'release.retired') life.retired = event;
  }
  return life;
}

function described(
  request: Requested,
  life: Life,
  difference: Pick<TimelineRelease, 'comparedWith' | 'changes'>,
  serving: number | null,
): TimelineRelease {
  const { data, actor } = request;
  const { source, image, failed, retired, routed } = life;
  const decided = routed ?? failed ?? retired;
  const took = decided ? Date.parse(decided.time) - Date.parse(request.time) : null;
  return {
    release: data.release,
    trigger: data.trigger,
    target: data.pinned?.release ?? null,
    reason: data.reason,
    actor,
    requested: placeOf(request),
    agent: data.config.agent,
    engine: data.engine,
    repository: source?.repository ?? data.config.repository,
    branch: source?.branch ?? data.config.branch,
    commit: source?.commit ?? null,
    subject: source?.subject ?? null,
    image,
    environment: data.config.environment,
    secrets: source?.secrets ?? null,
    ...difference,
    outcome: outcomeOf(life, data.release === serving),
    decided: decided ? placeOf(decided) : null,
    durationMs: took !== null && took >= 0 ? took : null,
    ended: routed && retired ? { ...placeOf(retired), reason: retired.data.reason } : null,
    failure: failed ? failed.data : null,
  };
}

function outcomeOf({ failed, retired, routed }: Life, serves: boolean): ReleaseOutcome {
  if (failed) return 'failed';
  if (routed) return serves ? 'serving' : 'served';
  return retired ? 'superseded' : 'pending';
}

/** What makes two releases run differently. `undefined` = it never came to be known. */
type Shape = Readonly<Record<string, unknown>>;

function shapeOf({ data }: Requested, { source, image }: Life): Shape {
  const { agent, command, transport, environment, repository } = data.config;
  return {
    agent,
    engine: data.engine,
    command,
    transport,
    environment,
    repository: source?.repository ?? repository ?? undefined,
    branch: source ? source.branch : undefined,
    tag: data.config.tag,
    commit: source?.commit,
    secrets: source?.secrets,
    image: image?.reference ?? (image ? null : undefined),
    digest: image ? (image.digest ?? image.imageId) : undefined,
  };
}

function comparable(before: Shape, after: Shape): [Shape, Shape] {
  const known = Object.keys(after).filter((name) => before[name] !== undefined && after[name] !== undefined);
  const only = (shape: Shape) => Object.fromEntries(known.map((name) => [name, shape[name]]));
  return [only(before), only(after)];
}

function placeOf({ seq, time }: EventPlace): EventPlace {
  return { seq, time };
}

async function eventsOf(past: Past, stream: string): Promise<PloinkyEvent[]> {
  const events: PloinkyEvent[] = [];
  for await (const stored of past.log.read({ stream })) {
    const event = upcast(stored);
    if (event) events.push(event);
  }
  return events;
}
