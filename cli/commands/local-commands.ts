import type { CommandSpec } from '../command-spec.ts';

/** First words of the older local tool. They say what to use instead. */
const words = ['add', 'new', 'set', 'enable', 'disable', 'list', 'update', 'refresh', 'shell'];

export const localCommands: readonly CommandSpec[] = words.map((word) => ({
  usage: `${word} [words...]`,
  summary: 'not in this version',
  anyOption: true,
  hidden: true,
  load: async () => (await import('../verbs/unsupported.ts')).localInstead,
}));
