import { sentenceOf } from '../history/message-lines.ts';
import { shortText } from '../history/short-value.ts';
import { elapsed } from '../terminal/duration.ts';
import { fittingTable } from '../terminal/fitting-table.ts';
import { nextStep } from '../terminal/report-error.ts';
import { dim, green, type Piece, red, type Text, t, yellow } from '../terminal/text.ts';
import type { WatchRow } from '../verbs/deployments.ts';

/** As `GET /management/api/watches` sends it; a server of before leaves out what may be absent. */
export interface WatchEntry extends WatchRow {
  readonly deployment: string;
  readonly agent?: string;
  readonly commit: string | null;
  readonly pin?: { readonly target: number; readonly since: string } | null;
  readonly seen?: Seen | null;
  readonly askedAt: string | null;
  readonly nextInMs: number | null;
  readonly problem: Problem | null;
}

interface Problem {
  readonly code: string;
  readonly message: string;
}

interface Seen {
  readonly commit: string;
  readonly outcome: string;
  readonly release: number | null;
  readonly failure: (Problem & { readonly stage: string }) | null;
}

const mostLetters = 160;

/** A row for each deployment that is watched: what was seen last, what became of it, and when the remote was asked; below it what is wrong. */
export async function watchText(watches: readonly WatchEntry[], columns: number | undefined): Promise<Text> {
  const style = { below: watches.map(below) };
  return (await fittingTable(watches.map(cells), columns, givingWay, style)).text;
}

/** What gives way on a narrow screen, first to last: the columns of `cells`. */
const givingWay = [
  { column: 3, least: 14 },
  { column: 1, least: 12 },
  { column: 3, least: 0 },
  { column: 1, least: 0 },
  { column: 0, least: 24 },
];

function cells(entry: WatchEntry): Piece[] {
  const { deployment, repository, branch, commit, seen } = entry;
  const source = repository === null ? '' : `${repository} ${branch ?? '(default branch)'}`;
  const found = seen ? t`${seen.commit.slice(0, 8)} ${outcomeText(seen)}` : (commit ?? '').slice(0, 8);
  return [deployment, source, found, dim(askedText(entry))];
}

function outcomeText({ outcome, release }: Seen): Piece {
  switch (outcome) {
    case 'serving':
      return green('serves');
    case 'failed':
      return red('failed');
    case 'pending':
      return yellow(`is being released as #${release}`);
    case 'waiting':
      return yellow('is not released');
    default:
      return outcome;
  }
}

function askedText({ askedAt, nextInMs, pin, rests }: WatchEntry): string {
  if (askedAt === null) return 'not asked since the server started';
  if (nextInMs !== null) return `asked ${askedAt.slice(11, 19)}, again in ${elapsed(nextInMs)}`;
  // That may be long ago.
  const day = askedAt.slice(0, 19).replace('T', ' ');
  return pin || rests !== null ? `asked ${day}` : `asked ${day}; waits for the release under way`;
}

function below(entry: WatchEntry): Text[] {
  const { problem, seen } = entry;
  const lines: Text[] = [];
  if (problem) lines.push(red(shortText(`${problem.code}: ${problem.message}`, mostLetters)));
  if (seen?.failure) {
    const { stage, code, message } = seen.failure;
    lines.push(
      red(shortText(`release ${seen.release} failed: ${stage}: ${code}: ${sentenceOf(message)}`, mostLetters)),
    );
    lines.push(nextStep(`p-cli cloud why ${entry.deployment}#${seen.release}`));
  }
  return [...lines, ...restLines(entry)];
}

function restLines({ deployment, agent, branch, pin, rests }: WatchEntry): Text[] {
  if (rests === null) return [];
  if (!pin) return [yellow(`rests: ${rests}`)];
  const since = pin.since.slice(0, 19).replace('T', ' ');
  const slash = deployment.indexOf('/');
  const place = `${deployment.slice(0, slash)} ${deployment.slice(slash)}`;
  return [
    yellow(`pinned since ${since} by the rollback to release ${pin.target}: pushes do nothing until the next deploy`),
    nextStep(`p-cli cloud deploy ${place} ${agent ?? '<agent>'} --branch ${branch ?? '<name>'}`),
  ];
}
