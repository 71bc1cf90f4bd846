import type { Invocation } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import { shortMessage } from '../history/message-lines.ts';
import { shortText } from '../history/short-value.ts';
import type { Session } from '../session.ts';
import { fittingTable, type GivesWay } from '../terminal/fitting-table.ts';
import { dim, green, type Piece, red, type Text, t, yellow } from '../terminal/text.ts';

export interface Condition {
  readonly state: string;
  readonly reason: string | null;
  readonly retryInMs: number | null;
  readonly output?: string | null;
}

export interface WatchRow {
  readonly repository: string | null;
  readonly branch: string | null;
  readonly rests: string | null;
}

export interface DeploymentRow {
  readonly domain: string;
  readonly path: string;
  readonly agent: string;
  readonly status?: string;
  readonly release?: number | null;
  readonly commit?: string | null;
  readonly tag?: string | null;
  readonly engine?: string | null;
  readonly problem?: { readonly code?: string; readonly message?: string } | null;
  readonly isolation?: string | null;
  readonly serves?: string | null;
  readonly condition?: Condition | null;
  readonly replicas?: number;
  readonly healthy?: number;
  readonly warm?: number;
  readonly containers?: readonly { readonly replica: number; readonly condition: Condition }[];
  readonly failedRelease?: number | null;
  readonly pin?: { readonly target: number } | null;
  readonly watch?: WatchRow | null;
}

/** `cloud deployments` */
export async function deployments({ session, options }: Invocation): Promise<void> {
  await print(session, await session.api(), options.flag('wide'));
}

/** `client list` */
export async function clientList({ session, options }: Invocation): Promise<void> {
  await print(session, session.apiFor(await session.clientConnection()), options.flag('wide'));
}

/** What gives way on a narrow screen, first to last: the columns of `cells`. */
const givingWay: readonly GivesWay[] = [
  { column: 4, least: 40 },
  { column: 3, least: 0 },
  { column: 5, least: 0 },
  { column: 2, least: 0 },
  { column: 4, least: 16 },
  { column: 0, least: 48 },
  { column: 4, least: 0 },
];

async function print(session: Session, api: Api, wide: boolean): Promise<void> {
  const answer = await api.manage<{ deployments?: readonly DeploymentRow[] }>('GET', 'deployments');
  const { deployments: rows = [] } = answer;
  const { text, whole } = await fittingTable(rows.map(cells), wide ? undefined : session.out.columns, givingWay);
  session.out.result({ deployments: rows }, () =>
    rows.length === 0 ? t`No deployments. Make one with: p-cli cloud deploy <host> <path> <agent>` : text,
  );
  if (!whole) session.out.note(dim('  → All of it: --wide, or --json'));
}

function cells(row: DeploymentRow): Piece[] {
  const { release, commit } = row;
  return [
    // One cell, so that the words stay one space apart as scripts know them.
    deploymentText(row),
    release == null ? '' : t`release ${release}${healthOf(row)}`,
    `${(commit ?? '').slice(0, 8)}${row.tag == null ? '' : ` tag ${row.tag}`}`,
    runsOn(row),
    dim(problemOf(row)),
    watchText(row),
  ];
}

/** `, 2/3 healthy, 1 warm`, where there is more than one. */
function healthOf({ replicas = 1, healthy = 0, warm = 0, serves, status }: DeploymentRow): Piece {
  const ready = warm === 0 ? '' : `, ${warm} warm`;
  if (replicas === 1 || serves === 'files' || status === 'failed') return ready;
  return t`, ${(healthy === replicas ? green : yellow)(`${healthy}/${replicas} healthy`)}${ready}`;
}

/** Empty where pushes never did anything. */
function watchText({ watch }: DeploymentRow): Piece {
  if (watch == null) return '';
  if (watch.rests !== null) return yellow(`watch rests: ${watch.rests}`);
  return dim(`watches ${watch.branch ?? 'the default branch'}`);
}

function runsOn({ engine, isolation, serves }: DeploymentRow): Piece {
  if (serves === 'files') return 'files';
  return isolation === 'none' ? t`${engine ?? ''} ${dim('(no isolation)')}` : (engine ?? '');
}

/** `localhost/demo -> demo [active]` */
export function deploymentText(row: DeploymentRow): Text {
  return t`${row.domain}${row.path} -> ${row.agent} [${statusOf(row)}]`;
}

/** `active` only where the agent answers: `down: exited with code 1, starts again in 12 s`. */
function statusOf({ status = 'active', condition }: DeploymentRow): Piece {
  if (status !== 'active' || !condition || condition.state === 'up') return coloured(status);
  return (condition.state === 'down' ? red : yellow)(conditionText(condition));
}

export function conditionText({ state, reason, retryInMs }: Condition): string {
  const again = retryInMs === null ? [] : [whenAgain(state, retryInMs)];
  const told = [...(reason === null ? [] : [shortText(reason, 120)]), ...again].join(', ');
  return told === '' ? state : `${state}: ${told}`;
}

function whenAgain(state: string, ms: number): string {
  const next = state === 'down' ? 'starts' : 'is asked';
  return ms === 0 ? `${next} again now` : `${next} again in ${Math.ceil(ms / 1000)} s`;
}

/** One line; which release it is about where that is not the one that serves. */
function problemOf({ problem, failedRelease, release, condition, containers = [] }: DeploymentRow): string {
  const missing = condition?.state === 'up' && containers.find((one) => one.condition.state !== 'up');
  if (failedRelease == null && missing) return `replica ${missing.replica} is ${conditionText(missing.condition)}`;
  if (failedRelease == null && condition?.output) return `it wrote: ${lastLine(condition.output)}`;
  if (!problem?.message) return '';
  if (failedRelease == null && condition?.reason === problem.message) return '';
  const text = shortMessage(problem.message, 100);
  return failedRelease == null || failedRelease === release ? text : `release ${failedRelease} failed: ${text}`;
}

function lastLine(output: string): string {
  return shortText(output.trimEnd().split('\n').at(-1) ?? '', 100);
}

function coloured(status: string): Piece {
  if (status === 'active') return green(status);
  return status === 'failed' ? red(status) : yellow(status);
}
