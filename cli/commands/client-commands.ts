import type { CommandSpec } from '../command-spec.ts';

/** The side of somebody who only uses agents. */
export const clientCommands: CommandSpec = {
  usage: 'client',
  summary: 'use agents that are deployed',
  details:
    'Talks to the server of ./.ploinky/client.json, else of ./.ploinky/cloud.json, else to http://localhost:8000.',
  commands: [
    {
      usage: 'connect [url]',
      summary: 'use this server for client commands, in this folder',
      details: 'Writes ./.ploinky/client.json. Default http://localhost:8000.',
      examples: ['p-cli client connect http://localhost:8000'],
      load: async () => (await import('../verbs/connect.ts')).connectClient,
    },
    {
      usage: 'call <path> <command> [params...]',
      summary: 'call a command of an agent',
      options: [
        { flags: '--json-params', about: 'every parameter is a JSON value' },
        { flags: '--host <name>', about: "host name that the deployment is on; default: the server's" },
        {
          flags: '--timeout <time>',
          about: 'how long the call may take, waiting included: 5s, 500ms, or milliseconds',
        },
        { flags: '--priority <p>', about: 'urgent, normal or low; counts where calls wait for their turn' },
        { flags: '--async', about: 'do not wait for the outcome; see it later with `p-cli cloud task <id>`' },
        { flags: '--callback <url>', about: 'POST the outcome there' },
        { flags: '--idempotency-key <key>', about: 'the same call under the same key runs once' },
        { flags: '--batch <file>', about: 'many calls at once, one JSON body a line; - reads stdin' },
      ],
      anyOption: true,
      examples: ['p-cli client call demo hello World'],
      load: async () => (await import('../verbs/call.ts')).clientCall,
    },
    {
      usage: 'task <path> <command> [params...]',
      summary: 'as call, and print Status and Data or Error',
      options: [
        { flags: '--json-params', about: 'every parameter is a JSON value' },
        { flags: '--host <name>', about: "host name that the deployment is on; default: the server's" },
        { flags: '--timeout <ms>', about: 'how long the agent may take' },
      ],
      anyOption: true,
      examples: ['p-cli client task /demo hello World'],
      load: async () => (await import('../verbs/task.ts')).clientTask,
    },
    {
      usage: 'methods [path]',
      summary: 'commands that the agent at a path declares, default /; needs a login',
      options: [{ flags: '--host <name>', about: "host name that the deployment is on; default: the server's" }],
      examples: ['p-cli client methods /demo'],
      load: async () => (await import('../verbs/client-queries.ts')).methods,
    },
    {
      usage: 'status [path]',
      summary: 'does the server answer, or the agent at a path? The latter needs a login',
      options: [{ flags: '--host <name>', about: "host name that the deployment is on; default: the server's" }],
      examples: ['p-cli client status', 'p-cli client status /demo'],
      load: async () => (await import('../verbs/client-queries.ts')).clientStatus,
    },
    {
      usage: 'list',
      summary: 'what is deployed; needs a login',
      options: [{ flags: '--wide', about: 'all columns whole, however narrow the screen is' }],
      examples: ['p-cli client list'],
      load: async () => (await import('../verbs/deployments.ts')).clientList,
    },
    {
      usage: 'task-status <taskId>',
      summary: 'what became of a call; needs a login',
      examples: ['p-cli client task-status V1StGXR8_Z5jdHi6B-myT'],
      load: async () => (await import('../verbs/client-queries.ts')).taskStatus,
    },
  ],
};
