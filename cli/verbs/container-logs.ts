import { durationMs } from '../../core/clock/duration.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation, Options } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import { type ContainerLine, containerLines, type Following, type LinesWanted } from '../logs/container-lines.ts';
import { type LinePattern, linePattern } from '../logs/line-pattern.ts';
import { containerLineText } from '../logs/line-text.ts';
import type { Session } from '../session.ts';
import { block, dim, t } from '../terminal/text.ts';

const usualLines = 100;
const mostLines = 10_000;

/** `cloud logs <deployment>` */
export async function containerLogs({ session, options }: Invocation, deployment: string): Promise<void> {
  const follow = options.flag('follow');
  const grep = options.text('grep');
  const wanted = wantedLines(options, deployment);
  const pattern = grep === undefined ? null : linePattern(grep);
  const api = await session.api();
  const show = (line: ContainerLine) => session.out.record(line, () => containerLineText(line));
  const following: Following | null = follow
    ? {
        signal: session.surroundings.signal,
        now: session.surroundings.now,
        onAway: () => session.out.note(dim('the server is away; waiting for it …')),
      }
    : null;
  const count =
    pattern?.kind === 'pattern'
      ? await withPattern(api, wanted, pattern, following, show)
      : await plain(api, { ...wanted, ...(pattern === null ? {} : { contains: pattern.text }) }, following, show);
  if (count > 0 || follow || session.out.json) return;
  if (grep === undefined && wanted.since === undefined) await otherOutput(session, api, wanted);
  else session.out.note(t`No such lines.`);
}

async function plain(
  api: Api,
  wanted: LinesWanted,
  following: Following | null,
  show: (line: ContainerLine) => void,
): Promise<number> {
  let count = 0;
  for await (const line of containerLines(api, wanted, following)) {
    count += 1;
    show(line);
  }
  return count;
}

/** The server does not match patterns: it sends everything, and the newest that match are kept here. */
async function withPattern(
  api: Api,
  { lines, ...wanted }: LinesWanted,
  pattern: Extract<LinePattern, { kind: 'pattern' }>,
  following: Following | null,
  show: (line: ContainerLine) => void,
): Promise<number> {
  const isHit = (line: ContainerLine) => line.stream !== 'ploinky' && pattern.matches(line.text);
  const places = new Map<string, string>();
  let hits: ContainerLine[] = [];
  const all = { ...wanted, since: wanted.since ?? '1970-01-01T00:00:00Z' };
  for await (const line of containerLines(api, all, null)) {
    places.set(`${line.release}.${line.replica}`, line.place);
    if (!isHit(line)) continue;
    hits.push(line);
    if (lines !== undefined && hits.length >= 2 * Math.max(lines, 1)) hits = hits.slice(-lines || hits.length);
  }
  const shown = lines === undefined ? hits : lines === 0 ? [] : hits.slice(-lines);
  shown.forEach(show);
  if (following === null) return shown.length;
  const after = [...places.values()];
  for await (const line of containerLines(api, { ...wanted, ...(after.length > 0 ? { after } : {}) }, following)) {
    if (isHit(line)) show(line);
  }
  return shown.length;
}

/** Nothing was kept: a release that failed before it had a container left the output of its install step. */
async function otherOutput(session: Session, api: Api, { deployment, release }: LinesWanted): Promise<void> {
  const query = { deployment, lines: usualLines, release };
  const text = await api.text('GET', '/management/api/output', { query });
  if (text.trim() === '') session.out.note(t`No lines yet.`);
  else session.out.print(block(text.replace(/\n$/, '')));
}

/** @throws PloinkyError USAGE */
function wantedLines(options: Options, deployment: string): LinesWanted {
  const since = options.text('since');
  if (since !== undefined && durationMs(since) === null && Number.isNaN(Date.parse(since))) {
    throw new PloinkyError('USAGE', `--since is ${JSON.stringify(since)}, which is neither a time nor a span.`, {
      hint: 'Give a time such as 2026-11-21T10:00:00Z, or a span back from now such as 10m, 2h or 1d.',
    });
  }
  const lines =
    numberOf(options.text('lines'), '--lines', 0, mostLines) ?? (since === undefined ? usualLines : undefined);
  const release = numberOf(options.text('release')?.replace(/^#/, ''), '--release', 1, 999_999_999);
  const replica = numberOf(options.text('replica'), '--replica', 1, 999_999_999);
  return {
    deployment,
    ...(release === undefined ? {} : { release }),
    ...(replica === undefined ? {} : { replica }),
    ...(since === undefined ? {} : { since }),
    ...(lines === undefined ? {} : { lines }),
    ...(options.flag('stderr') ? { stream: 'stderr' as const } : {}),
  };
}

function numberOf(text: string | undefined, name: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new PloinkyError(
    'USAGE',
    `${name} takes a whole number from ${least} to ${most}, not ${JSON.stringify(text)}.`,
  );
}
