import type { ProblemShape } from '../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../core/events/catalogue.ts';
import type { ExitReason } from '../core/events/exit-signal.ts';
import type { Projection } from '../core/kernel/projection.ts';
import { followTransitions } from './transitions.ts';

export type ContainerStatus =
  | 'startRequested'
  | 'started'
  | 'healthy'
  | 'unhealthy'
  /** Held still by hand; it is resumed. */
  | 'paused'
  /** It is being ended, since it was not well; then it is started again. */
  | 'restartRequested'
  /** Ended by itself, refused to start, or vanished; may be started again. */
  | 'exited'
  | 'stopRequested'
  | 'stopped';

/** How it ended. */
export interface Exit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly oomKilled: boolean;
  readonly reason: ExitReason;
  readonly output: string;
}

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
  /** Nothing is under way in it, or its time for that is over: what is left of its stop is the engine's. */
  drained: boolean;
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
  /** Null as soon as it is asked for again, or runs again. */
  exit: Exit | null;
  /** The last one, kept while it starts again: what a crash loop is told by. Null when it never ended by itself. */
  lastExit: Exit | null;
  problem: ProblemShape | null;
  lastEvent: string;
  trace: string;
}

/** Its program runs, as far as the log knows. */
export const alive: readonly ContainerStatus[] = ['started', 'healthy', 'unhealthy'];
/** The engine has a program of it, or should have. */
const held: readonly ContainerStatus[] = [...alive, 'paused', 'restartRequested'];
const any: readonly ContainerStatus[] = ['startRequested', ...held, 'exited', 'stopRequested', 'stopped'];

/** Containers that the engine has, or should have. A removed one is forgotten here; the log remembers it. */
export const containers: Projection<Container> = {
  name: 'containers',
  version: 8,
  key: (event) => event.stream.slice('container:'.length),
  ...followTransitions<Container, 'container.startRequested'>({
    beginsWith: 'container.startRequested',
    begin: request,
    transitions: {
      'container.startRequested': { from: ['exited'], to: 'startRequested' },
      'container.started': { from: ['startRequested'], to: 'started' },
      'container.restarted': { from: ['startRequested'], to: 'started' },
      'container.adopted': { from: ['startRequested', ...alive, 'exited'], to: 'started' },
      'container.healthy': { from: ['started', 'unhealthy'], to: 'healthy' },
      'container.unhealthy': { from: ['started', 'healthy'], to: 'unhealthy' },
      'container.restartRequested': { from: [...alive, 'paused'], to: 'restartRequested' },
      'container.paused': { from: alive, to: 'paused' },
      'container.resumed': { from: ['paused'], to: 'started' },
      'container.exited': { from: ['startRequested', ...held], to: 'exited' },
      'container.startFailed': { from: ['startRequested'], to: 'exited' },
      'container.lost': { from: ['startRequested', ...held, 'stopRequested'], to: 'exited' },
      'container.stopRequested': { from: ['startRequested', ...held, 'exited'], to: 'stopRequested' },
      'container.drained': { from: ['stopRequested'], to: 'stopRequested' },
      'container.stopped': { from: ['stopRequested'], to: 'stopped' },
      'container.removed': { from: any, to: 'removed' },
    },
    note,
  }),
};

/** After so long a time in health, what went wrong before says nothing about the next start. */
const forgivenAfterMs = 600_000;

function forgive(draft: Container, event: PloinkyEvent): void {
  const healthyMs = draft.healthySince === null ? 0 : Date.parse(event.time) - Date.parse(draft.healthySince);
  if (healthyMs >= forgivenAfterMs) draft.failures = 0;
}

function countFailure(draft: Container, event: PloinkyEvent): void {
  forgive(draft, event);
  // An engine takes what it runs with it when it dies: that says nothing about the container.
  const ofEngine = event.type === 'container.exited' && event.data.reason === 'engineAway';
  if (event.type !== 'container.unhealthy' && !ofEngine) draft.failures += 1;
  draft.healthySince = null;
}

function note(draft: Container, event: PloinkyEvent): void {
  if (draft.status === 'exited' || draft.status === 'unhealthy') countFailure(draft, event);
  draft.since = event.time;
  draft.lastEvent = event.id;
  switch (event.type) {
    case 'container.startRequested':
      draft.attempt = event.data.attempt;
      draft.specHash = event.data.specHash;
      draft.engineId = null;
      draft.bootId = null;
      draft.exit = null;
      draft.trace = event.trace;
      break;
    case 'container.stopRequested':
      draft.drained = false;
      break;
    case 'container.drained':
      draft.drained = true;
      break;
    case 'container.adopted':
      if (event.data.restarted) {
        forgive(draft, event);
        Object.assign(draft, { healthySince: null, transport: null, port: null, bootId: null });
      }
      draft.engineId = event.data.engineId;
      draft.problem = null;
      // It runs: how it ended before says nothing about its next end.
      draft.exit = null;
      break;
    case 'container.started':
    case 'container.restarted':
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
      draft.lastExit = event.data;
      break;
    case 'container.lost':
      // What was the matter before it vanished is no reason why it could not start.
      draft.problem = null;
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
    drained: false,
    attempt,
    failures: 0,
    healthySince: null,
    since: event.time,
    transport: null,
    port: null,
    bootId: null,
    exit: null,
    lastExit: null,
    problem: null,
    lastEvent: event.id,
    trace: event.trace,
  };
}
