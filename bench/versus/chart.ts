import type { Comparison, Figures } from './compare.ts';
import { figuresOf, type Report } from './report.ts';
import { measure, titleOf } from './tables.ts';

const width = 960;
const row = 26;
const head = 46;
const top = 66;
const labels = 330;
const bars = { from: labels + 12, width: 430 };

/**
 * Calls per second of all contestants as bars, a group for each number of callers. Each group has its own scale; the
 * number behind a bar is its share of this project's durable calls.
 */
export function chart(report: Report): string {
  const counts = [...new Set(report.figures.map(({ callers }) => callers))];
  const parts: string[] = [];
  let y = top;
  for (const callers of counts) {
    const group = report.figures.filter((each) => each.callers === callers);
    parts.push(groupOf(report, group, callers, y));
    y += head + group.length * row + 14;
  }
  const words = `Calls per second with ${counts.join(', ')} callers, as bars grouped by callers. The figures are in the tables of docs/performance.md.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" role="img" aria-labelledby="title desc" font-family="ui-sans-serif, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="14">
  <title id="title">Calls per second beside other ways to get a task done</title>
  <desc id="desc">${words}</desc>
  <style>
    .card { fill: #ffffff; stroke: #d0d7de }
    text { fill: #1f2328 }
    .name { font-weight: 700 }
    .small { font-size: 12.5px; fill: #59636e }
    .other { fill: #afb8c1 }
    .ours { fill: #0969da }
    .axis { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      .card { fill: #0d1117; stroke: #3d444d }
      text { fill: #f0f6fc }
      .small { fill: #9198a1 }
      .other { fill: #656c76 }
      .ours { fill: #4493f8 }
      .axis { stroke: #3d444d }
    }
  </style>
  <rect class="card" x="1" y="1" width="${width - 2}" height="${y - 2}" rx="12"/>
  <text class="name" x="24" y="34" font-size="17">Calls per second beside other ways to get a task done</text>
  <text class="small" x="24" y="54">blue: this project · behind each bar: calls/s, and its ratio to a durable call through this project</text>
${parts.join('\n')}
</svg>
`;
}

function groupOf(report: Comparison, group: readonly Figures[], callers: number, y: number): string {
  const most = Math.max(...group.map(({ callsPerSecond }) => callsPerSecond));
  const ours = figuresOf(report, measure, callers)?.callsPerSecond;
  const title = callers === 1 ? '1 caller' : `${callers} callers`;
  const lines = group.map((each, index) => {
    const middle = y + head + index * row;
    const long = Math.max(1.5, (each.callsPerSecond / most) * bars.width);
    const own = each.contestant.startsWith('ploinky') || each.contestant === 'pass-through';
    const share = ours ? ` · ${ratio(each.callsPerSecond / ours)}` : '';
    const figure = `${Math.round(each.callsPerSecond).toLocaleString('en-US')}${share}`;
    return `  <text class="${own ? 'name' : 'label'}" x="${labels}" y="${middle + 5}" text-anchor="end">${escaped(titleOf(each.contestant))}</text>
  <rect class="${own ? 'ours' : 'other'}" x="${bars.from}" y="${middle - 8}" width="${long.toFixed(1)}" height="16" rx="3"/>
  <text class="small" x="${(bars.from + long + 8).toFixed(1)}" y="${middle + 4}">${figure}</text>`;
  });
  const end = y + head + group.length * row - row / 2 + 2;
  return `  <text class="name" x="24" y="${y + 22}">${title}</text>
  <line class="axis" x1="${bars.from - 3}" y1="${y + head - 14}" x2="${bars.from - 3}" y2="${end}"/>
${lines.join('\n')}`;
}

function ratio(value: number): string {
  return `${Number(value.toPrecision(2))} ×`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
