import type { CommandSpec } from '../command-spec.ts';

export const helpCommand: CommandSpec = {
  usage: 'help [topic...]',
  summary: 'explain a command',
  examples: ['p-cli help cloud deploy', 'p-cli help'],
  load: async () => (await import('../help/help.ts')).help,
};

/** `help` within a group, such as `cloud help deploy`; every group has it, and no list names it. */
export function helpWithin(group: readonly string[]): CommandSpec {
  return {
    usage: 'help [topic...]',
    summary: 'explain a command of this group',
    hidden: true,
    load: async () => (await import('../help/help.ts')).helpWithin(group),
  };
}
