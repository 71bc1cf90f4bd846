import type { ContainerSpec, Mount } from '../engine/engine-port.ts';
import { quoteFor, quotingIn } from './shell-quoting.ts';

export interface MappedSpec {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
}

/** Looks like a path inside and is one of the address that the agent is served at. */
const neverPaths: readonly string[] = ['PLOINKY_PATH'];

/**
 * Without a container there are no mounts: every path inside that a mount stands for becomes the path on this machine,
 * in arguments, working directory and values of the environment. In the program text of `sh -c` it is quoted as its
 * place there needs. What no mount stands for, /tmp for example, is left as it is.
 */
export function mapPaths(
  spec: Pick<ContainerSpec, 'command' | 'environment' | 'workingDirectory' | 'mounts'>,
  sourceOf: (mount: Mount) => string,
): MappedSpec {
  const sources = new Map<string, string>();
  for (const mount of spec.mounts) {
    const target = mount.target.replace(/\/+$/, '');
    if (target !== '') sources.set(target, sourceOf(mount));
  }
  const pattern = patternOf([...sources.keys()]);
  const map = (text: string) => text.replace(pattern, (target) => sources.get(target) ?? target);
  const mapProgram = (text: string) => {
    const quoting = quotingIn(text);
    return text.replace(pattern, (target, at: number) => {
      return quoteFor(quoting[at] ?? 'none', sources.get(target) ?? target);
    });
  };
  const program = placeOfProgram(spec.command);
  return {
    command: spec.command.map((argument, index) => (index === program ? mapProgram(argument) : map(argument))),
    environment: Object.fromEntries(
      Object.entries(spec.environment).map(([name, value]) => [name, neverPaths.includes(name) ? value : map(value)]),
    ),
    workingDirectory: map(spec.workingDirectory),
  };
}

/**
 * Longest target first and all in one pass, so that nothing is replaced twice. A target counts where a path begins and
 * where its name ends: not in `/home/agent`, `/agent2`, `$HOME/agent`, `/agent$X`; but in `${DIR:-/agent}`.
 */
function patternOf(targets: readonly string[]): RegExp {
  if (targets.length === 0) return /(?!)/gu;
  const before = String.raw`(?<=^|[^\p{L}\p{N}_./~*?$})\]%+\\-]|:[-+])`;
  const after = String.raw`(?![\p{L}\p{N}_.*?$\[{~%+@#\\-])`;
  const longestFirst = [...targets].sort((a, b) => b.length - a.length).map(escapeRegExp);
  return new RegExp(`${before}(?:${longestFirst.join('|')})${after}`, 'gu');
}

/** Index of a program text among the arguments; -1 when there is none. */
function placeOfProgram([shell = '', option = '']: readonly string[]): number {
  return /(^|\/)(sh|ash|dash|bash|ksh|zsh)$/.test(shell) && /^-[a-z]*c$/.test(option) ? 2 : -1;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
