import type { JsonChange } from '../../history/json-changes.ts';
import type { AnswerTo } from '../../history/questions.ts';
import { elapsed } from '../terminal/duration.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, green, joinText, type Piece, red, type Text, t, yellow } from '../terminal/text.ts';
import { plainValue } from './diff-lines.ts';
import { shortened } from './event-line.ts';
import { messageParts, saidLines } from './message-lines.ts';

type Answer = AnswerTo<'timeline'>;
type Release = Answer['releases'][number];

/** So that a row fits into 100 columns. */
const subjectLetters = 22;
const reasonLetters = 180;
/** Of what a failed release wrote. */
const mostSaid = 5;

/** A row for each release, and below it what was different from the one that had served last, and why. */
export async function timelineText(answer: Answer): Promise<Text> {
  const { deployment, serving, releases, notes } = answer;
  const state = serving === null ? 'none serves' : `release ${serving} serves`;
  const count = `${releases.length} ${releases.length === 1 ? 'release' : 'releases'}`;
  const header = ['release', 'requested', 'trigger', 'outcome', 'took', 'commit', 'subject'].map(dim);
  const rows = [header, ...releases.map(row)];
  const below = releases.map((release) => details(release, notes, releases));
  return joinText([
    t`${bold(deployment)}  ${dim(`${count}, ${state}`)}`,
    await table(rows, { right: [0, 4], below: [[], ...below] }),
  ]);
}

function row(release: Release): Piece[] {
  const { requested, trigger, durationMs, commit, subject } = release;
  return [
    release.release,
    shortTime(requested.time),
    trigger,
    outcome(release),
    durationMs === null ? '' : elapsed(durationMs),
    commit?.slice(0, 8) ?? '',
    shortened(subject ?? '', subjectLetters),
  ];
}

function outcome({ outcome: word, failure }: Release): Piece {
  if (word === 'failed') return red(`failed: ${failure?.stage ?? ''}`);
  if (word === 'serving') return green(word);
  return word === 'pending' ? yellow(word) : word;
}

function details(release: Release, notes: Answer['notes'], all: readonly Release[]): Text[] {
  const { actor, requested, decided, image, target, reason, failure, ended, changes, environment } = release;
  // A server of before compared with the release before, and did not say so.
  const { comparedWith = release === all[0] ? null : release.release - 1 } = release;
  const span = decided && decided.seq !== requested.seq ? `events ${requested.seq} to ${decided.seq}` : '';
  const lines = [t`by ${actor}, ${span === '' ? `event ${requested.seq}` : span}`];
  if (target !== null)
    lines.push(t`back to release ${target}${reason === null ? '' : `: ${shortened(reason, reasonLetters)}`}`);
  else if (reason !== null) lines.push(t`${shortened(reason, reasonLetters)}`);
  if (image?.reference) lines.push(t`image ${image.reference} ${(image.digest ?? image.imageId ?? '').slice(0, 19)}`);
  if (comparedWith === null) {
    for (const [name, value] of Object.entries(environment))
      lines.push(change({ path: `environment.${name}`, after: value }));
  } else if (comparedWith !== release.release - 1 && changes.length > 0)
    lines.push(t`against release ${comparedWith}:`);
  lines.push(...changes.map(change));
  if (failure) {
    const { sentence, below } = messageParts(`${failure.problem.code}: ${failure.problem.message}`);
    lines.push(red(shortened(sentence, reasonLetters)), ...saidLines(below, mostSaid, reasonLetters));
  }
  if (ended) lines.push(t`until ${shortTime(ended.time)}: ${ended.reason}`);
  const next = all.find(({ release: n }) => n > release.release)?.requested.seq ?? Number.POSITIVE_INFINITY;
  for (const note of notes) if (note.seq > requested.seq && note.seq < next) lines.push(noteLine(note));
  return lines.map((line) => dim(line));
}

function noteLine({ kind, time, actor, reason, target, replicas, seq }: Answer['notes'][number]): Text {
  const why = reason === null ? '' : `: ${shortened(reason, reasonLetters)}`;
  const what = {
    removed: 'deployment removed',
    rolledBackToSame: `asked to go back to release ${target}, which it was already`,
    watched: 'told to follow the pushes to its branch',
    unwatched: 'told to follow no pushes any more',
    scaled: `scaled to ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
  }[kind];
  return t`${shortTime(time)} ${what} by ${actor}, event ${seq}${why}`;
}

function change({ path, before, after }: JsonChange): Text {
  const side = (value: unknown) => (value == null ? 'nothing' : plainValue(short(path, value)));
  return t`${path}  ${red(side(before))} → ${green(side(after))}`;
}

/** Commits and digests are known by how they begin; a secret by its name. */
function short(path: string, value: unknown): unknown {
  if (typeof value === 'string' && path === 'commit') return value.slice(0, 8);
  if (typeof value === 'string' && path === 'digest') return value.slice(0, 19);
  const secret = (value as { secret?: unknown } | null)?.secret;
  return typeof secret === 'string' ? `secret ${secret}` : value;
}

function shortTime(time: string): string {
  return time.replace('T', ' ').replace(/\.\d+Z$/, '');
}
