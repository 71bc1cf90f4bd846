import type { CommandSpec } from '../command-spec.ts';

/** The server itself, and how this folder is tied to it. */
export const serverCommands: readonly CommandSpec[] = [
  {
    usage: 'start',
    summary: 'start a server in the background',
    details:
      'Serves <dir>/.ploinky-cloud. Returns once the server listens and notes its process id, port and address in ' +
      './.ploinky/cloud.json. The port comes from --port, PLOINKY_PORT, PORT, the start before, the setting port, or 8000, in that order; ' +
      'the one of the start before counts until `p-cli cloud settings set port`. The address of --host is asked for each time.',
    options: [
      { flags: '-p, --port <number>', about: 'port to listen on; 0 = any free one' },
      { flags: '--host <address>', about: 'address to listen on; default: this machine alone' },
      { flags: '--dir <folder>', about: 'folder of the cloud; default: here' },
      { flags: '--foreground', about: 'stay, and stop with Ctrl-C' },
    ],
    examples: ['p-cli cloud start', 'p-cli cloud start --port 9000 --dir /srv/cloud', 'PORT=9000 p-cli cloud start'],
    load: async () => (await import('../verbs/start.ts')).start,
  },
  {
    usage: 'stop',
    summary: 'stop the server that was started from here, or that serves a folder',
    details:
      'Agents keep running, so that nothing is interrupted; the next start takes them over again. A server that was ' +
      'started otherwise is found by the log that it has open.',
    options: [
      { flags: '--dir <folder>', about: 'the server of the cloud in this folder' },
      { flags: '--timeout <seconds>', about: 'how long to wait for its end; default 30' },
    ],
    examples: ['p-cli cloud stop', 'p-cli cloud stop --dir /srv/cloud'],
    load: async () => (await import('../verbs/stop.ts')).stop,
  },
  {
    usage: 'init',
    summary: 'create the cloud of the server and its first API key',
    details:
      'The key is printed once and saved in ~/.plionky/remotes.json, readable by you alone. Works on the machine of ' +
      'the server; elsewhere name a copy of its file .ploinky-cloud/init-token.',
    options: [{ flags: '--token-file <file>', about: 'file that holds the init token of the server' }],
    examples: ['p-cli cloud init'],
    load: async () => (await import('../verbs/init.ts')).init,
  },
  {
    usage: 'connect [url]',
    summary: 'use this server from now on, in this folder',
    details:
      'Default http://localhost:8000. A login at another server is forgotten. The address is noted also where nothing ' +
      'answers, with the exit code 2.',
    examples: ['p-cli cloud connect http://localhost:8000', 'p-cli cloud connect https://cloud.example.org'],
    load: async () => (await import('../verbs/connect.ts')).connect,
  },
  {
    usage: 'login [apiKey]',
    summary: 'log in with an API key',
    details:
      'With - the key is read from stdin; without a word the key that init saved for this server is used, or asked ' +
      'for. The session lasts 24 hours.',
    examples: ['p-cli cloud login sk_…', 'p-cli cloud login - < key.txt', 'p-cli cloud login'],
    load: async () => (await import('../verbs/login.ts')).login,
  },
  {
    usage: 'logout',
    summary: 'end the session, here and on the server',
    examples: ['p-cli cloud logout'],
    load: async () => (await import('../verbs/logout.ts')).logout,
  },
  {
    usage: 'status',
    summary: 'connection, login and counters',
    examples: ['p-cli cloud status', 'p-cli cloud status --json'],
    load: async () => (await import('../verbs/status.ts')).status,
  },
  {
    usage: 'health',
    summary: 'is the server well?',
    details: 'Exit code 0 when it is, 1 when it says that it is not, 2 when nothing answers.',
    examples: ['p-cli cloud health'],
    load: async () => (await import('../verbs/health.ts')).health,
  },
];
