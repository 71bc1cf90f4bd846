import type { CommandSpec } from '../command-spec.ts';

export const runCommand: CommandSpec = {
  usage: 'run',
  summary: 'run one task of an agent, found by its name',
  commands: [
    {
      usage: 'task <agent> <command> [params...]',
      summary: 'call a command where the agent is deployed; prints Status and Result or Error',
      options: [
        { flags: '--json-params', about: 'every parameter is a JSON value' },
        { flags: '--timeout <ms>', about: 'how long the agent may take' },
      ],
      anyOption: true,
      examples: ['p-cli run task demo hello World'],
      load: async () => (await import('../verbs/task.ts')).runTask,
    },
    {
      usage: 'bash [words...]',
      summary: 'not in this version',
      anyOption: true,
      hidden: true,
      load: async () => (await import('../verbs/unsupported.ts')).localInstead,
    },
  ],
};
