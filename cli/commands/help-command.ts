import type { CommandSpec } from '../command-spec.ts';

export const helpCommand: CommandSpec = {
  usage: 'help [topic...]',
  summary: 'explain a command',
  examples: ['p-cli help cloud deploy', 'p-cli help'],
  load: async () => (await import('../help/help.ts')).help,
};
