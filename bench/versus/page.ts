import { chart } from './chart.ts';
import type { Report } from './report.ts';
import { shortfalls } from './shortfalls.ts';
import { callRows, markdown, targetRows } from './tables.ts';
import { judge } from './targets.ts';

/** Files of the documentation that are made of a report, by path from the root of the project. */
export function pagesOf(report: Report, page: string): Readonly<Record<string, string>> {
  return {
    'docs/performance.md': filled(page, {
      machine: machine(report),
      targets: targets(report),
      calls: calls(report),
      profiles: profiles(report),
    }),
    'docs/images/performance.svg': chart(report),
  };
}

/**
 * The page with each of its sections replaced: what lies between `<!-- bench:<name> -->` and `<!-- /bench:<name> -->`.
 * @throws where the page has no such section
 */
function filled(page: string, sections: Readonly<Record<string, string>>): string {
  let text = page;
  for (const [name, content] of Object.entries(sections)) {
    const [begin, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
    const [from, to] = [text.indexOf(begin), text.indexOf(end)];
    if (from < 0 || to < from) throw new Error(`docs/performance.md has no section ${begin} … ${end}`);
    text = `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
  }
  return text;
}

function machine({ date, machine, rounds, seconds }: Report): string {
  const { processors, memoryGiB, kernel, node, fdatasyncMs, programs } = machine;
  const versions = Object.entries(programs).map(([name, version]) => `${name} ${version ?? '(not installed)'}`);
  const rows = [
    ['Processors', processors],
    ['Memory', `${memoryGiB} GiB`],
    ['Kernel, Node', `Linux ${kernel}, Node ${node}`],
    ['Disk', `${fdatasyncMs} ms to write 4 KiB and sync them (median of 200)`],
    ['Others', versions.join(', ')],
    ['Run', `${date}; medians of ${rounds} interleaved rounds of ${seconds} s`],
  ];
  return markdown(rows.map(([what = '', value = '']) => ({ 'This run': what, '': value })));
}

function targets(report: Report): string {
  const { memory, kill } = report;
  const notes = [
    ...(kill
      ? [
          `kill -9: ${number(kill.calls)} calls, ${number(kill.acknowledged)} answered; the kill broke ${kill.broken}, of which ${kill.askedAgain} were asked again with their idempotency key, and ${kill.untold} had been accepted and got their outcome without anybody being told.`,
        ]
      : []),
    ...(memory
      ? [`Memory: ${number(memory.calls)} calls; ${memory.firstHalfMiB} MiB, then ${memory.secondHalfMiB} MiB.`]
      : []),
  ];
  const missed = judge(report).filter(({ reached }) => reached === false);
  const reasons = missed.map(({ name, figure }) => `- *${figure}*: ${shortfalls[name]?.(report).trim() ?? ''}`);
  if (reasons.length > 0)
    notes.push(`What is not reached, where its time went in this run, and what would be needed:`, reasons.join('\n'));
  return [markdown(targetRows(report)), ...notes].join('\n\n');
}

function calls(report: Report): string {
  const counts = [...new Set(report.figures.map(({ callers }) => callers))];
  const tables = counts.map((callers) => {
    const title = callers === 1 ? '1 caller' : `${callers} callers`;
    return `### ${title}\n\n${markdown(callRows(report, callers))}`;
  });
  const leftOut = report.leftOut.map(({ contestant, why }) => `- Left out: ${contestant}. ${why}.`);
  return [...tables, ...(leftOut.length > 0 ? [leftOut.join('\n')] : [])].join('\n\n');
}

function profiles({ profiles }: Report): string {
  if (profiles.length === 0) return 'Not measured in this run.';
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const tables = profiles.map(({ of, callers, idle, parts }) => {
    const rows = parts.map(({ part, share }) => ({ [`Under ${of}`]: part, 'Share of its busy time': percent(share) }));
    return `${markdown(rows)}\n\n${callers} callers; the main thread was idle for ${percent(idle)} of the time.`;
  });
  return tables.join('\n\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
