import type { ContainerSpec, Mount } from '../engine/engine-port.ts';

export interface MappedSpec {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/**
 * Without a container there are no mounts: every path inside that a mount stands for becomes the path on this machine,
 * in arguments, working directory and values of the environment, and also within a program text for `sh -c`.
 */
export function mapPaths(spec: ContainerSpec, sourceOf: (mount: Mount) => string): MappedSpec {
  const sources = new Map(spec.mounts.map((mount) => [mount.target, sourceOf(mount)]));
  // Longest first, and all in one pass: what was replaced is not looked at again.
  const targets = [...sources.keys()].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const inside = new RegExp(`(?<![A-Za-z0-9._/-])(${targets.join('|')})(?![A-Za-z0-9._-])`, 'g');
  const map = (text: string) =>
    targets.length === 0 ? text : text.replace(inside, (path) => sources.get(path) ?? path);
  return {
    command: spec.command.map(map),
    environment: Object.fromEntries(Object.entries(spec.environment).map(([name, value]) => [name, map(value)])),
    workingDirectory: map(spec.workingDirectory),
  };
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
