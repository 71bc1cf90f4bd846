import { describeFound } from '../names/describe-found.ts';
import { escapeKey, type Mismatch } from './first-mismatch.ts';
import type { Manifest } from './manifest.ts';
import type { RawManifest } from './raw-manifest.ts';

type Volume = Manifest['volumes'][number];
type RawVolumes = NonNullable<RawManifest['volumes']>;
type RawVolume = { pointer: string; name: string; target: string; readOnly: boolean; found: unknown };

const volumeName = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/;
const named = 'a named volume such as "data:/data" (folders of the machine cannot be mounted)';
const inside = 'an absolute path inside the container without "..", such as "/data"';
/** Nothing may lie at, above or below these. */
const closed = [
  '/agentCore',
  '/code',
  '/proc',
  '/sys',
  '/dev',
  '/run/ploinky',
  '/var/run/ploinky',
  '/agent/.ploinky',
  '/agent/.tasks',
];
const most = 20;

/** Both documented forms become one list. Answers with the first problem instead when there is one. */
export function parseVolumes(raw: RawVolumes): { volumes: Volume[] } | { problem: Mismatch } {
  const volumes: Volume[] = [];
  for (const entry of entriesOf(raw)) {
    const problem = problemOf(entry, volumes);
    if (problem)
      return { problem: { pointer: `/volumes/${entry.pointer}`, ...problem, found: describeFound(entry.found) } };
    volumes.push({ name: entry.name, target: tidy(entry.target), readOnly: entry.readOnly });
  }
  return { volumes };
}

function entriesOf(raw: RawVolumes): RawVolume[] {
  if (Array.isArray(raw)) {
    return raw.map((item, index) => {
      const pointer = String(index);
      if (typeof item === 'string') return { pointer, found: item, ...splitLine(item) };
      return {
        pointer,
        found: item.name,
        name: item.name ?? '',
        target: item.target,
        readOnly: item.readOnly ?? false,
      };
    });
  }
  return Object.entries(raw).map(([name, value]) => {
    const pointer = escapeKey(name);
    if (typeof value === 'string') return { pointer, found: `${name}:${value}`, ...splitLine(`${name}:${value}`) };
    return { pointer, found: name, name, target: value.target, readOnly: value.readOnly ?? false };
  });
}

/** `name:/target[:ro|rw]` */
function splitLine(line: string): { name: string; target: string; readOnly: boolean } {
  const [name = '', target = '', mode, ...more] = line.split(':');
  const known = more.length === 0 && (mode === undefined || mode === 'ro' || mode === 'rw');
  return { name, target: known ? target : '', readOnly: mode === 'ro' };
}

function problemOf({ name, target }: RawVolume, before: readonly Volume[]): { expected: string } | null {
  if (!volumeName.test(name) || name.includes('..')) return { expected: named };
  if (!isPathInside(target)) return { expected: inside };
  const path = tidy(target);
  if (path === '/agent' || closed.some((taken) => covers(path, taken) || covers(taken, path))) {
    return { expected: 'a path that covers nothing of Ploinky or the kernel' };
  }
  if (before.some((volume) => volume.target === path)) return { expected: 'a path of its own for every volume' };
  if (before.length >= most) return { expected: `at most ${most} volumes` };
  return null;
}

function isPathInside(path: string): boolean {
  return (
    path.startsWith('/') &&
    path.length <= 255 &&
    !/[\u0000-\u001f\u007f:,\\]/.test(path) &&
    !path.split('/').includes('..')
  );
}

function tidy(path: string): string {
  return `/${path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/')}`;
}

/** Whether `outer` is `inner` or a folder above it. */
function covers(outer: string, inner: string): boolean {
  return outer === '/' || inner === outer || inner.startsWith(`${outer}/`);
}
