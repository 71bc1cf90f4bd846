import { releaseId } from '../../core/names/names.ts';
import type { Frame } from '../../history/tape.ts';
import type { Views } from '../../projections/views.ts';
import { phraseOf } from '../history/phrase.ts';
import { shortValue } from '../history/short-value.ts';
import { oneLine } from '../terminal/text.ts';
import { frameChanges } from './frame-changes.ts';

/** One line of the screen: plain text, and how it is to be painted. */
export interface Line {
  readonly text: string;
  readonly look?: 'title' | 'quiet' | 'present' | 'changed' | 'bad';
}

/** Everything that is seen at one moment. */
export interface Scene {
  /** Seq of the first and the last event that are watched. */
  readonly from: number;
  readonly to: number;
  /** The newest frames, the present one last; none before the first step. */
  readonly latest: readonly Frame[];
  readonly views: Views;
  readonly playing: boolean;
  readonly speed: string;
  readonly stopped: readonly string[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
}

const keys = 'space play/pause   → step   ← back   + − speed   q quit';

/** A moment of history as lines that fill the screen at most. Pure. */
export function viewOf(scene: Scene, { columns, rows }: Size): Line[] {
  const eventRows = Math.min(10, Math.max(3, Math.floor(rows / 4)));
  const top = [headline(scene), barLine(scene, columns), ...eventLines(scene, eventRows)];
  const room = Math.max(0, rows - top.length - 1);
  const body = fitted(sectionsOf(scene), room);
  return [...top, ...body, { text: keys, look: 'quiet' as const }].slice(0, rows);
}

function present(scene: Scene): Frame | undefined {
  return scene.latest.at(-1);
}

function headline(scene: Scene): Line {
  const frame = present(scene);
  const seq = frame?.event.seq ?? scene.from - 1;
  const time = frame ? timeOf(frame) : '';
  const state = seq >= scene.to ? '■ end' : scene.playing ? `▶ ${scene.speed}` : '‖ paused';
  const place = seq === 0 ? 'Before the first event' : `Event ${seq}`;
  return { text: [`${place} of ${scene.to}`, time, state].filter((part) => part !== '').join('   '), look: 'title' };
}

function barLine({ from, to, latest }: Scene, columns: number): Line {
  const width = Math.max(10, Math.min(columns, 100));
  const seq = latest.at(-1)?.event.seq ?? from - 1;
  const all = to - from + 1;
  const full = all <= 0 ? width : Math.floor((width * (seq - from + 1)) / all);
  return { text: '━'.repeat(full) + '─'.repeat(width - full), look: 'quiet' };
}

function eventLines({ latest }: Scene, rows: number): Line[] {
  const shown = latest.slice(-rows);
  const lines = shown.map((frame, i): Line => {
    const { event } = frame;
    const last = i === shown.length - 1;
    const text = `${last ? '▸' : ' '} ${String(event.seq).padStart(6)}  ${timeOf(frame).slice(11)}  ${event.type.padEnd(24)}  ${phraseOf(event)}  ${event.actor}`;
    return { text, look: last ? 'present' : 'quiet' };
  });
  const empty: Line[] = Array.from({ length: rows - lines.length }, () => ({ text: '' }));
  return [...empty, ...lines];
}

function sectionsOf(scene: Scene): Section[] {
  const { views } = scene;
  const frame = present(scene);
  const touched = new Set(frame?.touched.filter((one) => one.before !== one.after).map(nameOf) ?? []);
  const look = (projection: string, key: string) =>
    touched.has(nameOf({ projection, key })) ? { look: 'changed' as const } : {};
  const sections: Section[] = [
    { title: 'Changed by this event', lines: frame ? changedLines(frame) : [] },
    {
      title: 'Deployments',
      lines: [...views.deployments.values()].map((deployment) => {
        const { id, status, routed, latest, config } = deployment;
        const newest = views.releases.get(releaseId(id, latest));
        const serves = routed === null ? 'serves nothing' : `serves #${routed}`;
        const coming = latest === routed || !newest ? '' : `#${latest} ${newest.status}`;
        return { text: columnsOf([id, status, serves, coming, config.agent]), ...look('deployments', id) };
      }),
    },
    {
      title: 'Containers',
      lines: [...views.containers.values()].map(({ name, status, engine, attempt }) => ({
        text: columnsOf([name, status, engine, attempt > 1 ? `attempt ${attempt}` : '']),
        ...look('containers', name),
      })),
    },
    {
      title: 'Open tasks',
      lines: [...views.tasks.values()].map(({ taskId, deployment, command, params, runForUserId }) => ({
        text: columnsOf([deployment, `${command} ${shortValue(params, 40)}`, `for ${runForUserId}`, taskId]),
        ...look('tasks', taskId),
      })),
    },
  ];
  if (scene.stopped.length > 0) {
    sections.unshift({ title: 'Stopped', lines: scene.stopped.map((text) => ({ text, look: 'bad' as const })) });
  }
  return sections;
}

function changedLines(frame: Frame): Line[] {
  const lines = frameChanges(frame).flatMap(({ projection, key, changes }): Line[] => [
    { text: `  ${projection} ${key}`, look: 'changed' },
    ...changes.map((text) => ({ text: `    ${text}` })),
  ]);
  return lines.length === 0 ? [{ text: '  nothing', look: 'quiet' }] : lines;
}

/** Each section with its title and as many lines as there is room for; short ones leave their room to long ones. */
function fitted(sections: readonly Section[], room: number): Line[] {
  const wanted = sections.map(({ lines }) => Math.max(1, lines.length) + 2);
  const given = wanted.map(() => 0);
  let left = room;
  const order = wanted.map((_, i) => i).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  order.forEach((index, done) => {
    const share = Math.floor(left / (order.length - done));
    given[index] = Math.min(wanted[index] as number, share);
    left -= given[index] as number;
  });
  return sections.flatMap((section, i) => sectionLines(section, given[i] as number));
}

function sectionLines({ title, lines }: Section, rows: number): Line[] {
  if (rows < 3) return [];
  const head: Line[] = [{ text: '' }, { text: `${title} (${lines.length})`, look: 'title' }];
  if (title.startsWith('Changed')) head[1] = { text: title, look: 'title' };
  if (lines.length === 0) return [...head, { text: '  none', look: 'quiet' }];
  if (lines.length + 2 <= rows) return [...head, ...lines];
  const shown = lines.slice(0, rows - 3);
  return [...head, ...shown, { text: `  … and ${lines.length - shown.length} more`, look: 'quiet' }];
}

function columnsOf(cells: readonly string[]): string {
  return `  ${cells.filter((cell) => cell !== '').join('  ')}`;
}

function nameOf({ projection, key }: { readonly projection: string; readonly key: string }): string {
  return `${projection}\n${key}`;
}

function timeOf({ event }: Frame): string {
  return oneLine(event.time)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, '');
}
