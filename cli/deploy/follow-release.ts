import { setTimeout as pause } from 'node:timers/promises';
import { noIsolation } from '../../adapters/engine/isolation.ts';
import { errorFromProblem, PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { PloinkyEvent } from '../../core/events/catalogue.ts';
import type { Manifest } from '../../core/manifest/manifest.ts';
import type { Api } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { Progress } from '../terminal/progress.ts';
import { block, dim, t, yellow } from '../terminal/text.ts';
import { firstStage, type ReleaseStep, releaseStep, type Serves, servedBy } from './release-watch.ts';
import { ReplicaStages } from './replica-stages.ts';
import { showProgress } from './show-progress.ts';

export interface PendingRelease {
  readonly deployment: string;
  readonly release: number;
  /** Where the request stands in the log. */
  readonly seq: number;
  /** In how many containers it is to run; 1 where nobody said. */
  readonly replicas?: number;
  /** Of what runs, as the server says; told where something runs without. */
  readonly isolation?: string | null | undefined;
}

/** What may be told of a release. Tasks are left out: there may be many. */
const types = 'deployment.*,release.*,container.*';

/** How long a server may be away, for example while it is started again, before the waiting ends. */
const patienceMs = 30_000;
const outputLines = 15;

/** What a release that serves is good for, by its manifest. */
export interface Served {
  readonly serves: Serves;
  readonly commands: readonly string[];
  /** Whether anything of it runs: files are served by the server itself. */
  readonly runs: boolean;
}

/**
 * Shows stages as they end and resolves with what the manifest offers once the release serves.
 * @throws PloinkyError with the problem of the stage that failed, SUPERSEDED, SERVER_UNREACHABLE
 */
export async function followRelease(session: Session, api: Api, pending: PendingRelease): Promise<Served> {
  const progress = new Progress(session.out, session.surroundings);
  let served: Served = { serves: 'calls', commands: [], runs: true };
  const replicas = new ReplicaStages(pending.replicas ?? 1);
  let output = '';
  progress.begin(firstStage);
  const said = showProgress(session.out, progress, api, pending);
  try {
    for await (const event of eventsOf(session, api, pending, progress)) {
      if (event.type === 'deployment.scaled') replicas.scaled(event.data.replicas);
      const own = releaseStep(event, pending, served.serves);
      if (own && (event.type === 'release.installed' || event.type === 'release.failed')) await said.ended();
      if (event.type === 'release.sourceResolved' && own) {
        served = offered(event.data.manifest);
        replicas.keepsWarm(event.data.manifest.warm ?? 0);
      }
      for (const step of own ? replicas.joined(event, own) : []) {
        if (step.kind === 'stage') {
          progress.done(step.detail);
          // Only now is it known whether anything runs.
          if (event.type === 'release.sourceResolved' && served.runs && pending.isolation === 'none') {
            session.out.note(yellow(t`! ${noIsolation}`));
          }
          progress.begin(step.next);
        } else if (step.kind === 'at') {
          progress.at(step.text);
        } else if (step.kind === 'note') {
          progress.note(step.text);
          output = step.output ?? output;
        } else if (step.kind === 'serving') {
          progress.done('serving');
          return served;
        } else throw await failure(session, api, pending, step, output, progress);
      }
    }
    throw new PloinkyError('SERVER_UNREACHABLE', 'The stream of events ended before the release did.');
  } finally {
    said.stop();
    progress.close();
  }
}

function offered(manifest: Manifest): Served {
  return {
    serves: servedBy(manifest),
    commands: Object.keys(manifest.commands),
    runs: !manifest.static || Boolean(manifest.install),
  };
}

/**
 * What happens to the deployment, also across a server that goes away and comes back. Not by trace: what ends a release
 * early, a newer one or an undeploy, belongs to the request that asked for that.
 */
export async function* eventsOf(
  session: Session,
  api: Api,
  pending: Pick<PendingRelease, 'deployment' | 'seq'>,
  progress: Progress,
): AsyncGenerator<PloinkyEvent> {
  const { signal, now } = session.surroundings;
  let next = pending.seq;
  let lostAt: number | undefined;
  for (;;) {
    const query = { deployment: pending.deployment, type: types, from: next, follow: 1 };
    try {
      for await (const value of api.jsonLines('/management/api/history', { query })) {
        const event = value as PloinkyEvent;
        lostAt = undefined;
        next = event.seq + 1;
        yield event;
      }
    } catch (error) {
      const lost = error instanceof PloinkyError && error.code === 'SERVER_UNREACHABLE';
      if (!lost || signal.aborted) throw error;
      if (lostAt === undefined) progress.note(dim('the server is away; waiting for it …'));
      lostAt ??= now();
      if (now() - lostAt > patienceMs) {
        throw new PloinkyError('SERVER_UNREACHABLE', error.message, {
          hint: 'The release goes on once the server runs again: `p-cli cloud start`, then `p-cli cloud deployments`.',
          cause: error,
        });
      }
    }
    await pause(250, undefined, { signal });
  }
}

async function failure(
  session: Session,
  api: Api,
  { deployment, release }: PendingRelease,
  step: Extract<ReleaseStep, { kind: 'failed' | 'ended' }>,
  seenOutput: string,
  progress: Progress,
): Promise<PloinkyError> {
  if (step.kind === 'ended') {
    return new PloinkyError(step.code, `Release ${release} of ${deployment} ended before it served: ${step.reason}.`);
  }
  progress.failed('failed', step.stage);
  const output = seenOutput || (await lastOutput(api, deployment, release, step.stage));
  if (output && !session.out.json && !endsWith(step.problem.message, output)) {
    session.out.note(dim(block(indented(output))));
  }
  return errorFromProblem(step.problem, { stage: step.stage, release, log: step.log, output: output || null });
}

/** Whether the message tells the last of these lines already: they are not shown twice. */
function endsWith(message: string, output: string): boolean {
  const last = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return message.split('\n').some((line) => line.trim() === last || line.endsWith(`: ${last}`));
}

/** Best effort, for an agent that runs and does not answer; one that ended was told about with its last lines. */
async function lastOutput(api: Api, deployment: string, release: number, stage: string): Promise<string> {
  if (stage !== 'health') return '';
  // Without its number the server tells what the release wrote that serves meanwhile.
  const query = { deployment, release, lines: outputLines };
  return api.text('GET', '/management/api/output', { query, timeoutMs: 5_000 }).catch(() => '');
}

function indented(text: string): string {
  const tail = text.trimEnd().split('\n').slice(-outputLines);
  return tail.map((line) => `    ${line}`).join('\n');
}
