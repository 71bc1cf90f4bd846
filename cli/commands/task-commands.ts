import type { CommandSpec } from '../command-spec.ts';

const dir = { flags: '--dir <folder>', about: 'read the log in this folder instead; for when no server runs' };

/** One call, as whoever may make it may see it. */
export const taskCommand: CommandSpec = {
  usage: 'task <id>',
  summary: 'what became of a call; needs no login where calls need none',
  details: 'Exit code 1 when it failed. `p-cli cloud tasks show <id>` tells more, to administrators.',
  options: [
    { flags: '--wait', about: 'until it has its outcome' },
    { flags: '--cancel', about: 'take it back' },
  ],
  examples: ['p-cli cloud task YzwkVFTvtDwVH0GGRaYVy', 'p-cli cloud task YzwkVFTvtDwVH0GGRaYVy --wait --json'],
  load: async () => (await import('../verbs/one-task.ts')).oneTask,
};

/** Calls of agents, as the log remembers them. */
export const taskCommands: CommandSpec = {
  usage: 'tasks',
  summary: 'calls of agents, open and past',
  details:
    'Newest last. --since and --until take a moment: an event’s number, a time (2026-11-21T10:00:00Z) or a span back from now ' +
    '(10m, 2h, 1d).',
  options: [
    { flags: '--deployment <id>', about: 'of one deployment, e.g. localhost/demo' },
    { flags: '--status <status>', about: 'open, completed, failed, timedOut or cancelled' },
    { flags: '--command <name>', about: 'of this command' },
    { flags: '--user <name>', about: 'that ran for this user' },
    { flags: '--since <moment>', about: 'accepted from then on' },
    { flags: '--until <moment>', about: 'accepted until then' },
    { flags: '--limit <n>', about: 'at most this many, the newest; default 50' },
    dir,
  ],
  examples: [
    'p-cli cloud tasks',
    'p-cli cloud tasks --status failed --since 1d',
    'p-cli cloud tasks --deployment localhost/demo --command hello --json',
    'p-cli cloud tasks --dir /srv/cloud',
  ],
  load: async () => (await import('../verbs/tasks.ts')).listTasks,
  commands: [
    {
      usage: 'show <id>',
      summary: 'one call: parameters, result or problem, times, commit, and the events of it',
      options: [dir],
      examples: ['p-cli cloud tasks show YzwkVFTvtDwVH0GGRaYVy'],
      load: async () => (await import('../verbs/tasks.ts')).showTask,
    },
    {
      usage: 'cancel <id>',
      summary: 'take a call back',
      details:
        'One that waits for its turn ends at once. For one that runs the agent is asked to drop it, and what it answers ' +
        'counts.',
      examples: ['p-cli cloud tasks cancel YzwkVFTvtDwVH0GGRaYVy'],
      load: async () => (await import('../verbs/one-task.ts')).cancelTask,
    },
    {
      usage: 'replay',
      summary: 'call a deployment with the inputs of past tasks, and compare what comes of it',
      details:
        'Each is a new task, with the parameters and the user of the past one; past tasks stay as they are. Answers are ' +
        'compared as JSON, failures by code and message. Asks first, since agents really run; ends with 1 when anything ' +
        'differs.',
      options: [
        { flags: '--against <deployment>', about: 'what is called, e.g. localhost/green' },
        { flags: '--from <moment>', about: 'tasks accepted from then on' },
        { flags: '--to <moment>', about: 'tasks accepted until then; default head' },
        { flags: '--deployment <id>', about: 'tasks of one deployment only' },
        { flags: '--command <name>', about: 'tasks of this command only' },
        { flags: '--limit <n>', about: 'at most this many, the newest; default 1000' },
        { flags: '-y, --yes', about: 'do not ask' },
      ],
      examples: [
        'p-cli cloud tasks replay --from 1h --against localhost/green',
        'p-cli cloud tasks replay --from 120 --to 180 --command hello --against localhost/green --yes --json',
      ],
      load: async () => (await import('../verbs/tasks-replay.ts')).replayPastTasks,
    },
  ],
};
