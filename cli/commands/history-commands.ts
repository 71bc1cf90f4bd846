import type { CommandSpec } from '../command-spec.ts';

const dir = { flags: '--dir <folder>', about: 'read the log in this folder instead; for when no server runs' };

/** The event log, which everything else is folded from. */
export const historyCommands: readonly CommandSpec[] = [
  {
    usage: 'history',
    summary: 'what happened, who did it and what caused it',
    details:
      'Newest events last; times are UTC. --since and --until take a time (2026-11-21T10:00:00Z) or a span back from now (10m, 2h, ' +
      '1d). --type may be repeated or hold commas, and takes patterns such as task.*',
    options: [
      { flags: '--deployment <id>', about: 'events of one deployment, e.g. localhost/demo' },
      { flags: '--type <type>', about: 'events of these types', repeat: true },
      { flags: '--actor <actor>', about: 'events that this actor caused' },
      { flags: '--trace <id>', about: 'events of one request and what followed from it' },
      { flags: '--since <time>', about: 'not before' },
      { flags: '--until <time>', about: 'not after' },
      { flags: '--from <seq>', about: 'from this number on' },
      { flags: '--limit <n>', about: 'at most this many, the newest; default 50, 0 = all' },
      { flags: '-f, --follow', about: 'stay and print what comes' },
      dir,
    ],
    examples: [
      'p-cli cloud history',
      'p-cli cloud history --deployment localhost/demo --since 1h',
      'p-cli cloud history --type task.failed,task.timedOut --limit 10',
      'p-cli cloud history --follow --json | jq .type',
      'p-cli cloud history --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/history.ts')).history,
  },
  {
    usage: 'show [event]',
    summary: 'one event, by number or id; without one: which server this folder talks to',
    options: [dir],
    examples: [
      'p-cli cloud show',
      'p-cli cloud show 12',
      'p-cli cloud show n56vUdplu84GpFfi2y44c',
      'p-cli cloud show 1 --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/show.ts')).show,
  },
  {
    usage: 'undo <seq>',
    summary: 'take one event back with new events that restore what it changed',
    details:
      'Settings, domains, repositories and deployments can be undone; nothing of the log is taken away. Where later ' +
      'events build on the event, they are listed and nothing changes. A deployment goes back to what served before ' +
      'it, by the pipeline of a rollback; volumes are not restored.',
    options: [
      { flags: '--reason <text>', about: 'why; kept where the new event has a place for it' },
      { flags: '--dry-run', about: 'only show what would be stored' },
      dir,
      { flags: '-y, --yes', about: 'do not ask' },
    ],
    examples: [
      'p-cli cloud undo 120 --dry-run',
      'p-cli cloud undo 120 --reason "wrong host"',
      'p-cli cloud undo 120 --dry-run --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/undo.ts')).undo,
  },
  {
    usage: 'state [projection]',
    summary: 'the state that all events fold to, now or at any moment',
    details: `A moment is an event's number, head, a time (2026-11-21T10:00:00Z) or a span back from now (10m, 2h, 1d).`,
    options: [
      { flags: '--at <moment>', about: 'as it was then; default now' },
      { flags: '--path <path>', about: 'a part of it, e.g. deployments.localhost/demo.status' },
      dir,
    ],
    examples: [
      'p-cli cloud state',
      'p-cli cloud state deployments --at 120',
      'p-cli cloud state --at 10m --path deployments.localhost/demo',
      'p-cli cloud state --json --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/state.ts')).state,
  },
  {
    usage: 'diff <a> <b>',
    summary: 'what is different between two moments, and the events that did it',
    details:
      'By deployment, then everything else. The second moment may be the earlier one. --json holds all of it and a JSON ' +
      'Patch (RFC 6902) that makes the second state of the first.',
    options: [{ flags: '--deployment <id>', about: 'only of this one, e.g. localhost/demo' }, dir],
    examples: [
      'p-cli cloud diff 1h head',
      'p-cli cloud diff 120 140 --deployment localhost/demo',
      'p-cli cloud diff 140 120 --json --dir /srv/cloud | jq .patch',
    ],
    load: async () => (await import('../verbs/diff.ts')).diff,
  },
  {
    usage: 'timeline <domain> [path]',
    summary: 'the releases of a deployment: what each was, who wanted it, what became of it',
    details:
      'Each with its commit, image digest, outcome and the time from the request to serving or failing, and with what was ' +
      'different from the release before: environment, secret versions, image, source. Works for removed deployments too.',
    options: [dir],
    examples: [
      'p-cli cloud timeline localhost /demo',
      'p-cli cloud timeline localhost/demo --json',
      'p-cli cloud timeline localhost /demo --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/timeline.ts')).timeline,
  },
  {
    usage: 'replay',
    summary: 'watch history happen, or check that folding it again gives the same',
    details:
      'On a terminal it plays events as they happened, gaps shortened, with the state beside them: space pauses, → and ← ' +
      'step forward and back, + and - change the speed, q quits. Elsewhere, and with --json, it prints each event with ' +
      'the entities that it changed. With --check every event is folded again and the result compared with the state that the server holds (with --dir: ' +
      'that a start would make). With --reducers as well, two versions fold side by side and the first event is named that ' +
      'they make something different of; that runs the code of the folder. Ends with 1 when anything differs.',
    options: [
      { flags: '--from <moment>', about: 'begin with this one; default: the first event' },
      { flags: '--to <moment>', about: 'end with this one; default head' },
      { flags: '--speed <n>', about: 'n times as fast as it was, max, or step; default 10' },
      { flags: '--check', about: 'fold the whole log and compare' },
      { flags: '--reducers <folder>', about: 'with --check: a build of another version, e.g. its dist' },
      dir,
    ],
    examples: [
      'p-cli cloud replay',
      'p-cli cloud replay --from 10m --speed step',
      'p-cli cloud replay --from 8 --to 15 --dir /srv/cloud --json',
      'p-cli cloud replay --check',
      'p-cli cloud replay --check --dir /srv/cloud --json',
      'p-cli cloud replay --check --reducers ../ploinky-0.2/dist',
    ],
    load: async () => (await import('../verbs/replay.ts')).replay,
  },
  {
    usage: 'whatif',
    summary: 'the state and effects that would follow had some events been others',
    details:
      'Events named with --drop are thought away, those of --insert thought in: a JSON array, or one JSON object a line, of ' +
      '{"type", "stream", "data"} and, where an event does not come last, "after" with the number of the one before it. ' +
      'Events that can no longer follow are listed and left out. Nothing is stored and nothing begun.',
    options: [
      { flags: '--at <moment>', about: 'up to which event, e.g. head or 120' },
      { flags: '--drop <seq>', about: 'an event that did not happen', repeat: true },
      { flags: '--consequences', about: 'nor what the dropped ones led to, by their causes' },
      { flags: '--insert <file>', about: 'events that happened as well' },
      dir,
    ],
    examples: [
      'p-cli cloud whatif --at head --drop 120',
      'p-cli cloud whatif --at head --drop 120 --consequences',
      'p-cli cloud whatif --at 2h --insert exit.json',
      'p-cli cloud whatif --at 120 --drop 17 --drop 18 --dir /srv/cloud --json | jq .effects',
    ],
    load: async () => (await import('../verbs/whatif.ts')).whatif,
  },
  {
    usage: 'why <what>',
    summary: 'the chain of causes from the request that began it to a deployment, container, task or event',
    details:
      'For a deployment: why it serves what it serves. For a container or a task: what happened to it last, and why. Each ' +
      'event was caused by the one above it; the first came from outside.',
    options: [dir],
    examples: [
      'p-cli cloud why localhost/demo',
      'p-cli cloud why localhost/demo#2',
      'p-cli cloud why ploinky-localhost-demo-2-abc123',
      'p-cli cloud why 42 --json',
      'p-cli cloud why 42 --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/why.ts')).why,
  },
  {
    usage: 'bisect <expression>',
    summary: 'the first event after which something no longer holds, found by halves',
    details:
      'The expression is JSONata (https://jsonata.org) over the state that `state --json` shows; it holds where it is true. ' +
      'It has to hold at --from and to be broken at --to; about log2 of the events between them are looked at. Ends with ' +
      '1 when an event broke it, with 0 when it holds at both ends.',
    options: [
      { flags: '--from <moment>', about: 'where it still holds; default: the first event' },
      { flags: '--to <moment>', about: 'where it is broken; default head' },
      dir,
    ],
    examples: [
      `p-cli cloud bisect '$count(deployments.*[status="failed"]) = 0'`,
      `p-cli cloud bisect 'deployments.\`localhost/demo\`.routed > 0' --from 1h`,
      `p-cli cloud bisect 'cloud.cloud.settings.enableAuth != true' --dir /srv/cloud --json`,
    ],
    load: async () => (await import('../verbs/bisect.ts')).bisect,
  },
];
