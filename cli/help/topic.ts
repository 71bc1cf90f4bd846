import type { CommandSpec, OptionSpec } from '../command-spec.ts';
import { bold, joinText, type Text, t } from '../terminal/text.ts';

/** The command that the words name, with its whole name. Undefined when there is none. */
export function findTopic(
  commands: readonly CommandSpec[],
  words: readonly string[],
): { readonly spec: CommandSpec; readonly name: string } | undefined {
  let found: CommandSpec | undefined;
  let level = commands;
  const names: string[] = [];
  for (const word of words) {
    found = level.find((spec) => nameOf(spec) === word || spec.aliases?.includes(word));
    if (!found) return undefined;
    names.push(nameOf(found));
    level = found.commands ?? [];
  }
  return found && { spec: found, name: names.join(' ') };
}

/** HELP:, SYNTAX: and DESCRIPTION: blocks. */
export function topicText(name: string, spec: CommandSpec): Text {
  const prefix = name.split(' ').slice(0, -1).join(' ');
  const usage = `p-cli ${prefix === '' ? '' : `${prefix} `}${spec.usage}${namedOptions(spec).length > 0 ? ' [options]' : ''}`;
  const children = (spec.commands ?? []).filter((child) => !child.hidden);
  const parts = [
    t`${bold('HELP:')} ${name}`,
    t``,
    t`${bold('SYNTAX:')}`,
    ...(spec.load || children.length === 0 ? [t`  ${usage}`] : []),
    ...children.map((child) => t`  p-cli ${name} ${child.usage}`),
    t``,
    t`${bold('DESCRIPTION:')}`,
    t`  ${spec.summary}`,
    ...(spec.details ? [t`  ${spec.details}`] : []),
    ...children.map((child) => t`  ${nameOf(child)}: ${child.summary}`),
  ];
  const options = namedOptions(spec);
  if (options.length > 0) {
    parts.push(t``, t`${bold('OPTIONS:')}`, ...options.map(({ flags, about }) => t`  ${flags}: ${about}`));
  }
  if (spec.examples?.length) parts.push(t``, t`${bold('EXAMPLES:')}`, ...spec.examples.map((text) => t`  ${text}`));
  return joinText(parts);
}

export function overview(commands: readonly CommandSpec[]): Text {
  const groups = commands.filter((spec) => !spec.hidden);
  return joinText([
    t`${bold('HELP:')} p-cli`,
    t``,
    t`${bold('SYNTAX:')}`,
    ...groups.flatMap(({ usage, commands: children = [] }) =>
      children.length === 0
        ? [t`  p-cli ${usage}`]
        : children.filter((child) => !child.hidden).map((child) => t`  p-cli ${usage} ${child.usage}`),
    ),
    t``,
    t`${bold('DESCRIPTION:')}`,
    ...groups.map((spec) => t`  ${nameOf(spec)}: ${spec.summary}`),
    t`  More: p-cli help <topic>, for example p-cli help cloud deploy`,
  ]);
}

export function nameOf(spec: CommandSpec): string {
  return spec.usage.split(' ')[0] ?? spec.usage;
}

/** Those that help tells of. */
export function namedOptions({ options = [] }: CommandSpec): readonly OptionSpec[] {
  return options.filter((option) => !option.hidden);
}
