import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { illegal } from '../core/kernel/transition.ts';

export type ContainerStatus =
  | 'startRequested'
  | 'started'
  | 'healthy'
  | 'unhealthy'
  /** Ended by itself, refused to start, or vanished; may be started again. */
  | 'exited'
  | 'stopRequested'
  | 'stopped';

export interface Container {
  name: string;
  deployment: string;
  release: number;
  /** Which of the containers of its release, from 1 on. */
  replica: number;
  engine: string;
  specHash: string;
  status: ContainerStatus;
  engineId: string | null;
  /** How often a start was asked for. */
  attempt: number;
  /** How often it ended, or did not start, without ten healthy minutes in between. */
  failures: number;
  /** Since when it answers without a break, ISO 8601. */
  healthySince: string | null;
  /** Time of the event that made the present status, ISO 8601. */
  since: string;
  transport: 'http' | 'queue' | 'web' | null;
  /** Of a web service: where it listens on 127.0.0.1; null = on `web.sock` in its run folder. */
  port: number | null;
  bootId: string | null;
  exit: { exitCode: number | null; signal: string | null; oomKilled: boolean; output: string } | null;
  problem: ProblemShape | null;
  lastEvent: string;
  trace: string;
}

const alive: readonly ContainerStatus[] = ['started', 'healthy', 'unhealthy'];
const any: readonly ContainerStatus[] = ['startRequested', ...alive, 'exited', 'stopRequested', 'stopped'];

const transitions: Partial<
  Record<PloinkyEvent['type'], { from: readonly ContainerStatus[]; to: ContainerStatus | 'removed' }>
> = {
  'container.startRequested': { from: ['exited'], to: 'startRequested' },
  'container.started': { from: ['startRequested'], to: 'started' },
  'container.restarted': { from: ['startRequested'], to: 'started' },
  'container.adopted': { from: ['startRequested', ...alive, 'exited'], to: 'started' },
  'container.healthy': { from: ['started', 'unhealthy'], to: 'healthy' },
  'container.unhealthy': { from: ['started', 'healthy'], to: 'unhealthy' },
  'container.exited': { from: ['startRequested', ...alive], to: 'exited' },
  'container.startFailed': { from: ['startRequested'], to: 'exited' },
  'container.lost': { from: ['startRequested', ...alive, 'stopRequested'], to: 'exited' },
  'container.stopRequested': { from: ['startRequested', ...alive, 'exited'], to: 'stopRequested' },
  'container.drained': { from: ['stopRequested'], to: 'stopRequested' },
  'container.stopped': { from: ['stopRequested'], to: 'stopped' },
  'container.removed': { from: any, to: 'removed' },
};

/** Containers that the engine has, or should have. A removed one is forgotten here; the log remembers it. */
export const containers: Projection<Container> = {
  name: 'containers',
  version: 4,
  types: Object.keys(transitions) as PloinkyEvent['type'][],
  key: (event) => event.stream.slice('container:'.length),
  evolve(draft, event) {
    if (event.type === 'container.startRequested' && !draft) return request(event);
    const transition = transitions[event.type];
    if (!draft || !transition?.from.includes(draft.status)) throw illegal(event, draft?.status ?? 'absent');
    if (transition.to === 'removed') return null;
    if (transition.to === 'exited' || transition.to === 'unhealthy') countFailure(draft, event.time, transition.to);
    draft.status = transition.to;
    draft.since = event.time;
    draft.lastEvent = event.id;
    note(draft, event);
    return undefined;
  },
};

/** After so long a time in health, what went wrong before says nothing about the next start. */
const forgivenAfterMs = 600_000;

function countFailure(draft: Container, time: string, status: 'exited' | 'unhealthy'): void {
  const healthyMs = draft.healthySince === null ? 0 : Date.parse(time) - Date.parse(draft.healthySince);
  if (healthyMs >= forgivenAfterMs) draft.failures = 0;
  if (status === 'exited') draft.failures += 1;
  draft.healthySince = null;
}

function note(draft: Container, event: PloinkyEvent): void {
  switch (event.type) {
    case 'container.startRequested':
      draft.attempt = event.data.attempt;
      draft.specHash = event.data.specHash;
      draft.engineId = null;
      draft.bootId = null;
      draft.exit = null;
      draft.trace = event.trace;
      break;
    case 'container.started':
    case 'container.restarted':
    case 'container.adopted':
      draft.engineId = event.data.engineId;
      draft.problem = null;
      break;
    case 'container.healthy':
      draft.transport = event.data.transport;
      draft.port = event.data.port;
      draft.bootId = event.data.bootId;
      // One that was adopted has been running all the time.
      draft.healthySince ??= event.time;
      draft.problem = null;
      break;
    case 'container.unhealthy':
    case 'container.startFailed':
      draft.problem = event.data.problem;
      break;
    case 'container.exited':
      draft.exit = event.data;
      break;
    default:
      break;
  }
}

function request(event: Extract<PloinkyEvent, { type: 'container.startRequested' }>): Container {
  const { name, deployment, release, replica, engine, specHash, attempt } = event.data;
  return {
    name,
    deployment,
    release,
    replica,
    engine,
    specHash,
    status: 'startRequested',
    engineId: null,
    attempt,
    failures: 0,
    healthySince: null,
    since: event.time,
    transport: null,
    port: null,
    bootId: null,
    exit: null,
    problem: null,
    lastEvent: event.id,
    trace: event.trace,
  };
}
