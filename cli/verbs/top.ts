import { durationMs } from '../../core/clock/duration.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import type { Api } from '../connection/api.ts';
import type { Session } from '../session.ts';
import { fittingTable } from '../terminal/fitting-table.ts';
import { table } from '../terminal/table.ts';
import { bold, dim, type Piece, type Text, t } from '../terminal/text.ts';
import type { SamplesAnswer } from '../top/samples-answer.ts';
import { givingWay, historyHead, historyRows, rightColumns, topHead, topRows } from '../top/top-rows.ts';

const redrawMs = 2_000;
/** Columns of a course. */
const coursePoints = 30;

/** `cloud top` */
export async function top({ session, args, options }: Invocation): Promise<number | undefined> {
  const deployment = args[0];
  const history = options.text('history');
  const api = await session.api();
  if (history !== undefined) {
    await showHistory(session, api, deployment, history);
    return undefined;
  }
  const ask = () => api.manage<SamplesAnswer>('GET', 'samples', { query: { deployment } });
  const { stdin, stdout } = session.surroundings;
  const live = !options.flag('once') && !session.out.json && stdout.isTTY === true && stdin?.isTTY === true;
  if (live && stdin) {
    const { watchTop } = await import('../top/watch-top.ts');
    return watchTop(session, stdin, ask, redrawMs);
  }
  const answer = await ask();
  const text = session.out.json ? t`` : await tableOf(answer, session.out.columns);
  session.out.result(answer, () => text);
  return undefined;
}

async function tableOf(answer: SamplesAnswer, columns: number | undefined): Promise<Text> {
  const rows = topRows(answer);
  if (rows.length === 0) return t`No container runs, or none was looked at yet: each ${answer.everyMs / 1000} s.`;
  const style = { right: rightColumns, indent: '' };
  const all = [topHead.map((word): Piece => bold(word)), ...rows];
  return (await fittingTable(all, columns, givingWay, style)).text;
}

async function showHistory(session: Session, api: Api, deployment: string | undefined, span: string): Promise<void> {
  const length = durationMs(span);
  if (length === null || length < 1_000) {
    throw new PloinkyError('USAGE', `--history is ${JSON.stringify(span)}, which is no span.`, {
      hint: 'Give a span such as 30m, 1h or 7d.',
    });
  }
  const query = { deployment, since: span, points: coursePoints };
  const answer = await api.manage<SamplesAnswer>('GET', 'samples', { query });
  const stepMs = answer.stepMs ?? Math.ceil(length / coursePoints);
  const end = Math.max(0, ...answer.series.flatMap(({ points }) => points.map(({ time }) => Date.parse(time))));
  const points = Math.max(1, Math.ceil(length / stepMs));
  const rows = historyRows(answer, points, end - (points - 1) * stepMs, stepMs);
  const text =
    rows.length === 0
      ? t`No samples of the last ${span}.`
      : t`${await table([historyHead.map((word): Piece => bold(word)), ...rows], { right: [3, 4, 6], indent: '' })}\n${dim(
          `one column = ${Math.round(stepMs / 1000)} s, up to ${new Date(end).toISOString()}`,
        )}`;
  session.out.result(answer, () => text);
}
