import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Invocation } from '../command-spec.ts';
import { isRecord } from '../connection/json-file.ts';
import { uptime } from '../terminal/duration.ts';
import { table } from '../terminal/table.ts';
import { bold, joinText, type Piece, type Text, t } from '../terminal/text.ts';

/** `cloud metrics` */
export async function metrics({ session, args }: Invocation): Promise<void> {
  const range = args[0] ?? '24h';
  if (!/^\d{1,3}[hd]$/.test(range)) {
    throw new PloinkyError('USAGE', `${JSON.stringify(range)} is no range.`, {
      hint: 'Give one such as 1h, 24h, 7d or 30d.',
    });
  }
  const answer = await (await session.api()).manage<Record<string, unknown>>('GET', 'metrics', { query: { range } });
  const text = session.out.json ? t`` : await summary(answer, range);
  session.out.result(answer, () => text);
}

async function summary(answer: Record<string, unknown>, range: string): Promise<Text> {
  const parts: Text[] = [t`${bold(`Last ${range}`)}`];
  const rows: (readonly [string, unknown])[] = [
    ['Total requests:', answer.totalRequests],
    ['Total errors:', answer.totalErrors],
    ['Requests per minute:', answer.avgRequestsPerMinute],
    ['Error rate:', answer.errorRate],
    ['Unauthorized:', answer.unauthorizedRequests],
    ['Uptime:', typeof answer.uptime === 'number' ? uptime(answer.uptime) : undefined],
  ];
  const known = rows.filter(([, value]) => value !== undefined);
  parts.push(await table(known.map(([name, value]): Piece[] => [name, String(value)])));
  for (const [title, field, failures] of [
    ['Agents', answer.agents, 'errorRate'],
    ['Commands', answer.commands, 'failureRate'],
  ] as const) {
    if (!isRecord(field) || Object.keys(field).length === 0) continue;
    parts.push(t``, t`${bold(title)}`, await breakdown(field, failures));
  }
  if (isRecord(answer.services) && Object.keys(answer.services).length > 0) {
    parts.push(t``, t`${bold('Web services')} since the start of the server`, await services(answer.services));
  }
  return joinText(parts);
}

function services(entries: Record<string, unknown>): Promise<Text> {
  const rows = Object.entries(entries).map(([name, value]): Piece[] => {
    const entry = isRecord(value) ? value : {};
    const classes = isRecord(entry.statusClasses) ? entry.statusClasses : {};
    const statuses = Object.entries(classes).map(([status, count]) => `${status} ${count}`);
    const cells = [entry.requests, entry.avgDuration, entry.maxDuration, entry.requestBytes, entry.responseBytes];
    return [name, ...cells.map(String), statuses.join(' ')];
  });
  const head: Piece[] = ['', 'requests', 'mean ms', 'max', 'bytes in', 'bytes out', 'answers'];
  return table([head, ...rows], { right: [1, 2, 3, 4, 5] });
}

function breakdown(entries: Record<string, unknown>, failures: string): Promise<Text> {
  const rows = Object.entries(entries).map(([name, value]): Piece[] => {
    const entry = isRecord(value) ? value : {};
    const cells = [entry.count, entry.avgDuration, entry.minDuration, entry.maxDuration, entry[failures]];
    return [name, ...cells.map((cell) => (cell === undefined || cell === null ? '–' : String(cell)))];
  });
  const head: Piece[] = ['', 'calls', 'mean ms', 'min', 'max', 'failed'];
  return table([head, ...rows], { right: [1, 2, 3, 4, 5] });
}
