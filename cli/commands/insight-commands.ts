import type { CommandSpec } from '../command-spec.ts';

/** Settings, counters and logs. */
export const insightCommands: readonly CommandSpec[] = [
  {
    usage: 'config',
    summary: 'the configuration as one JSON document',
    commands: [
      {
        usage: 'show',
        isDefault: true,
        aliases: ['export'],
        summary: 'print it',
        examples: ['p-cli cloud config', 'p-cli cloud config export > config.json'],
        load: async () => (await import('../verbs/config.ts')).showConfig,
      },
    ],
  },
  {
    usage: 'settings',
    summary: 'settings of the server',
    commands: [
      {
        usage: 'show',
        isDefault: true,
        summary: 'all settings as JSON',
        examples: ['p-cli cloud settings'],
        load: async () => (await import('../verbs/settings.ts')).showSettings,
      },
      {
        usage: 'get <name>',
        summary: 'the value of one',
        examples: ['p-cli cloud settings get engine'],
        load: async () => (await import('../verbs/settings.ts')).getSetting,
      },
      {
        usage: 'set <name> <value>',
        summary: 'change one; numbers, true and false are read as such',
        examples: ['p-cli cloud settings set logLevel debug', 'p-cli cloud settings set engine process'],
        load: async () => (await import('../verbs/settings.ts')).setSetting,
      },
    ],
  },
  {
    usage: 'metrics [range]',
    summary: 'calls, durations and errors; range 1h, 24h (default), 7d, 30d',
    examples: ['p-cli cloud metrics', 'p-cli cloud metrics 7d --json'],
    load: async () => (await import('../verbs/metrics.ts')).metrics,
  },
  {
    usage: 'top [deployment]',
    summary: 'what containers use: CPU, memory, network, processes',
    options: [
      { flags: '--once', about: 'print it once; so it is where no person looks at the output' },
      { flags: '--history <span>', about: 'the course of this span up to now, such as 1h or 7d' },
    ],
    details: 'CPU is of one core: 200 % are two. Network and restarts count since the container started. q ends it.',
    examples: [
      'p-cli cloud top',
      'p-cli cloud top localhost/demo --once',
      'p-cli cloud top --history 1h',
      'p-cli cloud top --json',
    ],
    load: async () => (await import('../verbs/top.ts')).top,
  },
  {
    usage: 'logs [deployment]',
    summary: 'what the containers of a deployment wrote, or the last lines of the server log',
    options: [
      { flags: '-f, --follow', about: 'go on with what comes, also of later releases; Ctrl-C ends it' },
      { flags: '--since <time>', about: 'ISO time, or a span back from now such as 10m' },
      { flags: '--grep <text>', about: 'lines that hold the text, or match /pattern/' },
      { flags: '--release <n>', about: 'of this release; default: all whose logs are kept' },
      { flags: '--replica <n>', about: 'of this container of its release' },
      { flags: '--lines <n>', about: 'the newest so many; default 100, with --since all' },
      { flags: '--stderr', about: 'what went to stderr only' },
      { flags: '--deployment <id>', about: 'plain text from the container itself', hidden: true },
    ],
    details:
      'A number in place of the deployment, or nothing: so many lines of the server’s own log. ' +
      'Lines stay when a container or its release goes. ! marks stderr. ' +
      'Where a release has no container, since it failed before: the output of its install step, and the reason.',
    examples: [
      'p-cli cloud logs localhost/demo --follow',
      'p-cli cloud logs localhost/demo --since 10m --grep error',
      "p-cli cloud logs /demo --release 3 --stderr --grep '/time(d)?.?out/i'",
      'p-cli cloud logs localhost/demo --json --lines 20',
      'p-cli cloud logs',
      'p-cli cloud logs 50',
    ],
    load: async () => (await import('../verbs/logs.ts')).logs,
    commands: [
      {
        usage: 'list',
        summary: 'days that have a log',
        examples: ['p-cli cloud logs list'],
        load: async () => (await import('../verbs/logs.ts')).listLogs,
      },
      {
        usage: 'download <date>',
        summary: 'save the log of a day here, as p-cloud-<date>.log.gz',
        examples: ['p-cli cloud logs download 2026-11-21'],
        load: async () => (await import('../verbs/log-download.ts')).downloadLog,
      },
    ],
  },
];
