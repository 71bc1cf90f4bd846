import type { CommandSpec } from '../command-spec.ts';

const wide = { flags: '--wide', about: 'all columns whole, however narrow the screen is' };
const yes = { flags: '-y, --yes', about: 'do not ask' };

/** Domains, repositories, agents and deployments: what the cloud serves. */
export const contentCommands: readonly CommandSpec[] = [
  {
    usage: 'host',
    summary: 'host names that are served',
    commands: [
      {
        usage: 'add <name>',
        summary: 'serve a host name',
        examples: ['p-cli cloud host add agents.example.org'],
        load: async () => (await import('../verbs/hosts.ts')).addHost,
      },
      {
        usage: 'remove <name>',
        summary: 'forget a host name; its deployments must be gone',
        examples: ['p-cli cloud host remove agents.example.org'],
        load: async () => (await import('../verbs/hosts.ts')).removeHost,
      },
      {
        usage: 'list',
        summary: 'host names that are served',
        examples: ['p-cli cloud host list'],
        load: async () => (await import('../verbs/hosts.ts')).listHosts,
      },
      {
        usage: 'enable <name>',
        summary: 'serve it again',
        examples: ['p-cli cloud host enable agents.example.org'],
        load: async () => (await import('../verbs/hosts.ts')).enableHost,
      },
      {
        usage: 'disable <name>',
        summary: 'keep it and its deployments, but do not serve it',
        examples: ['p-cli cloud host disable agents.example.org'],
        load: async () => (await import('../verbs/hosts.ts')).disableHost,
      },
    ],
  },
  {
    usage: 'repo',
    summary: 'Git repositories that hold agents',
    commands: [
      {
        usage: 'add <name> <url>',
        summary: 'know a repository; it is read at once',
        details:
          'https and ssh addresses, without passwords. Local paths only where the setting git.allowLocal is true. A ' +
          'repository that cannot be read is not kept, unless --keep says so.',
        options: [
          { flags: '--branch <name>', about: 'branch to use; default: what the remote says' },
          { flags: '--keep', about: 'keep it even when it cannot be read now' },
        ],
        examples: ['p-cli cloud repo add demos https://github.com/PloinkyRepos/PloinkyDemo.git'],
        load: async () => (await import('../verbs/repositories.ts')).addRepository,
      },
      {
        usage: 'remove <name>',
        summary: 'forget a repository; releases made from it stay',
        examples: ['p-cli cloud repo remove demos'],
        load: async () => (await import('../verbs/repositories.ts')).removeRepository,
      },
      {
        usage: 'list',
        summary: 'repositories that are known',
        examples: ['p-cli cloud repo list'],
        load: async () => (await import('../verbs/repositories.ts')).listRepositories,
      },
      {
        usage: 'sync [name]',
        aliases: ['update'],
        summary: 'read a repository again, or all of them',
        examples: ['p-cli cloud repo sync demos', 'p-cli cloud repo sync'],
        load: async () => (await import('../verbs/repositories.ts')).syncRepository,
      },
    ],
  },
  {
    usage: 'agent',
    summary: 'agents that the repositories hold',
    commands: [
      {
        usage: 'list',
        summary: 'agents that can be deployed',
        examples: ['p-cli cloud agent list'],
        load: async () => (await import('../verbs/agents.ts')).listAgents,
      },
      {
        usage: 'info <name>',
        summary: 'one agent: where it comes from and where it is deployed',
        examples: ['p-cli cloud agent info demo'],
        load: async () => (await import('../verbs/agents.ts')).showAgent,
      },
    ],
  },
  {
    usage: 'deploy <host> <path> <agent>',
    summary: 'deploy an agent to a host name and path, or deploy it again',
    details:
      'Makes a new release: source, image, install, start, health, route. What served before serves until the new ' +
      'release is healthy. Options win over the file of --config. Of the release before only the repository is kept, as ' +
      'long as the agent is the same: say --branch, --tag, --env and the others again, or keep them in a file for --config.',
    options: [
      { flags: '--branch <name>', about: 'branch to take' },
      { flags: '--tag <name>', about: 'tag to take, annotated or not; wins over --branch' },
      { flags: '--commit <sha>', about: 'commit to take; wins over --tag and --branch' },
      {
        flags: '--repository <name>',
        about: 'repository to take the agent from; default: as before, at first all are searched',
      },
      { flags: '--image <reference>', about: "image instead of the manifest's" },
      { flags: '--command <text>', about: "program text instead of the manifest's run" },
      { flags: '-e, --env <KEY=VALUE>', about: 'environment variable; may be repeated', repeat: true },
      {
        flags: '--secret <KEY=NAME>',
        about: 'variable that takes the value of a secret; may be repeated',
        repeat: true,
      },
      {
        flags: '--config <file>',
        about: 'JSON with repository, branch, tag, commit, image, command, environment, transport, replicas',
      },
      { flags: '--transport <kind>', about: 'http or queue; default: what the agent offers' },
      {
        flags: '--replicas <n>',
        about: 'containers that share the calls, 1 to 64; default: as many as before, 1 at first',
      },
      { flags: '--watch', about: 'from now on, a push to the branch makes a new release; default: as before' },
      { flags: '--unwatch', about: 'no more of that' },
      { flags: '--no-cache', about: 'run the install step, whatever was kept of earlier ones' },
      { flags: '--detach', about: 'return at once; the release goes on' },
    ],
    examples: [
      'p-cli cloud deploy localhost /demo demo',
      'p-cli cloud deploy localhost /demo demo --branch next --env GREETING=Hi',
      'p-cli cloud deploy localhost /demo demo --tag v1.4.0',
      'p-cli cloud deploy localhost /demo demo --branch main --watch',
      'p-cli cloud deploy localhost /shop shop --secret API_TOKEN=SHOP_TOKEN',
      'p-cli cloud deploy localhost /shop shop --replicas 3',
      'p-cli cloud deploy agents.example.org / shop --repository stores --commit 1a2b3c4',
    ],
    load: async () => (await import('../verbs/deploy.ts')).deploy,
  },
  {
    usage: 'dev [folder]',
    summary: 'deploy a folder as it is, again whenever it changes, and show what it writes',
    details:
      'Takes the folder of one agent with what is not committed; what Git ignores stays out, and Git need not know the ' +
      'folder. The files are sent to the server, which may be on another machine, and become releases like any others. A ' +
      'change that fails is told, and what served before serves on. Ctrl-C ends it and leaves what is deployed, unless ' +
      '--rm says otherwise.',
    options: [
      { flags: '--path <path>', about: 'where to deploy it; default: / and the name of the agent' },
      { flags: '--domain <host>', about: 'host name; default: localhost' },
      { flags: '--agent <name>', about: 'name of the agent; default: that of the folder' },
      { flags: '-e, --env <KEY=VALUE>', about: 'environment variable; may be repeated', repeat: true },
      {
        flags: '--secret <KEY=NAME>',
        about: 'variable that takes the value of a secret; may be repeated',
        repeat: true,
      },
      { flags: '--once', about: 'deploy it once and end' },
      { flags: '--replace', about: 'take the path over from a deployment that dev did not make' },
      { flags: '--rm', about: 'undeploy it at the end; never what dev did not make' },
    ],
    examples: ['p-cli cloud dev ./shop', 'p-cli cloud dev . --path /shop-dev --env LEVEL=debug --rm'],
    load: async () => (await import('../verbs/dev.ts')).dev,
  },
  {
    usage: 'rollback <host> <path>',
    summary: 'deploy an earlier release again, exactly as it was',
    details:
      'Without --to: the release that served before the one that serves now; doing it again goes further back. The new ' +
      'release has the commit, image digest, configuration and secret versions of its target, and passes the same ' +
      'health check; until then what serves now goes on serving. Neither the Git remote nor the registry is needed as ' +
      'long as mirror and image are on this machine. Volumes are not restored. It ends with what the engine really runs.',
    options: [
      { flags: '--to <target>', about: 'a release (4 or #4), or what served at seq:120, at a time, or 10m ago' },
      { flags: '--reason <text>', about: 'why; kept in the log' },
      { flags: '--dry-run', about: 'only show what would be deployed and what differs from now' },
      { flags: '--expect-seq <seq>', about: 'refuse when the deployment changed after this event' },
      { flags: '--secrets <which>', about: 'then (default) = secret versions of the target; now = those of today' },
      { flags: '--dir <folder>', about: 'with --dry-run: read the log in this folder instead' },
      yes,
    ],
    examples: [
      'p-cli cloud rollback localhost /demo',
      'p-cli cloud rollback localhost /demo --to 4 --reason "new prices were wrong"',
      'p-cli cloud rollback localhost /demo --to 2h --dry-run',
      'p-cli cloud rollback localhost /demo --to seq:120 --expect-seq 240 --json',
    ],
    load: async () => (await import('../verbs/rollback.ts')).rollback,
  },
  {
    usage: 'scale <host> <path> <replicas>',
    summary: 'run a deployment in so many containers, which share its calls',
    details:
      'Containers that are missing are started and take calls once they answer; where there are too many, the highest ' +
      'numbers get no new calls, finish what they run, and are stopped. Later releases and rollbacks keep the number. ' +
      'Waits until it is so; fails when a container fails, which is tried again all the same.',
    options: [{ flags: '--detach', about: 'return at once; the server goes on' }],
    examples: ['p-cli cloud scale localhost /demo 3', 'p-cli cloud scale localhost /demo 1 --json'],
    load: async () => (await import('../verbs/scale.ts')).scale,
  },
  {
    usage: 'watch [host] [path]',
    summary: 'make a new release whenever its branch moves; without words: what is watched',
    details:
      'Follows the branch of the deployment, or the default branch where it has none; a tag or a commit never moves. The ' +
      'remote is asked every 30 s, less often while nothing changes (settings git.pollMinMs and git.pollMaxMs), and at once when a ' +
      'webhook tells of a push. A push whose release fails is not tried again until the branch moves. After a rollback ' +
      'pushes do nothing until the next deploy.',
    examples: ['p-cli cloud watch localhost /demo', 'p-cli cloud watch', 'p-cli cloud watch --json'],
    load: async () => (await import('../verbs/watch.ts')).watch,
  },
  {
    usage: 'unwatch <host> <path>',
    summary: 'leave a deployment as it is when its branch moves',
    examples: ['p-cli cloud unwatch localhost /demo'],
    load: async () => (await import('../verbs/watch.ts')).unwatch,
  },
  {
    usage: 'undeploy <host> <path>',
    summary: 'stop serving there; containers are removed, volumes stay',
    examples: ['p-cli cloud undeploy localhost /demo'],
    load: async () => (await import('../verbs/undeploy.ts')).undeploy,
  },
  {
    usage: 'deployments',
    summary: 'what is deployed where',
    details:
      'On a terminal rows are cut to its width, or to COLUMNS, in a pipe never: the engine, what is watched and the commit are left out first.',
    options: [wide],
    examples: ['p-cli cloud deployments', 'p-cli cloud deployments --wide', 'p-cli cloud deployments --json'],
    load: async () => (await import('../verbs/deployments.ts')).deployments,
  },
  {
    usage: 'call <path> <command> [params...]',
    summary: 'call a command of an agent',
    details:
      'Parameters are strings; with --json-params each one is a JSON value. Words after the command that look like ' +
      'options are parameters; write -- before them where they are options of p-cli too.',
    options: [
      { flags: '--json-params', about: 'every parameter is a JSON value' },
      { flags: '--host <name>', about: "host name that the deployment is on; default: the server's" },
      { flags: '--timeout <time>', about: 'how long the call may take, waiting included: 5s, 500ms, or milliseconds' },
      { flags: '--priority <p>', about: 'urgent, normal or low; counts where calls wait for their turn' },
      { flags: '--async', about: 'do not wait for the outcome; see it later with `p-cli cloud task <id>`' },
      { flags: '--callback <url>', about: 'POST the outcome there' },
      { flags: '--idempotency-key <key>', about: 'the same call under the same key runs once' },
      { flags: '--batch <file>', about: 'many calls at once, one JSON body a line; - reads stdin' },
    ],
    anyOption: true,
    examples: [
      'p-cli cloud call /demo hello World',
      'p-cli cloud call /demo add --json-params 1 2',
      `p-cli cloud call /demo echo --json-params '{"x":2}'`,
      'p-cli cloud call /demo echo -- --json',
      'p-cli cloud call /demo slow 5000 --async --priority low --timeout 60s',
      'p-cli cloud call /demo hello --batch names.ndjson',
    ],
    load: async () => (await import('../verbs/call.ts')).call,
  },
  {
    usage: 'batch <file>',
    summary: 'make the calls of a JSON file, one after the other',
    details: 'An array of {"path" or "agent", "command", "params"}; - reads stdin. Exit code 1 when any call failed.',
    examples: ['p-cli cloud batch calls.json'],
    load: async () => (await import('../verbs/batch.ts')).batch,
  },
  {
    usage: 'destroy',
    summary: 'stop and remove the containers of this cloud',
    details: 'Deployments end; the log keeps everything that happened. Volumes stay.',
    commands: ['agents', 'server-agents', 'all'].map((what) => ({
      usage: what,
      summary: what === 'all' ? 'every container of this cloud' : 'the same as all; kept for existing scripts',
      options: [yes],
      examples: [`p-cli cloud destroy ${what} --yes`],
      load: async () => (await import('../verbs/destroy.ts')).destroy,
    })),
  },
];
