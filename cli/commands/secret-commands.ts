import type { CommandSpec } from '../command-spec.ts';

const stdin = { flags: '--stdin', about: 'read the value from stdin; a pipe is read without it as well' };
const readValue =
  'The value is typed without echo, or comes from stdin, where one line end at its end is left out: never from the ' +
  'command line, where every user of the machine sees it and the shell keeps it. 1 byte to 64 KiB of text.';

/** Values that agents need and no event holds. */
export const secretCommands: readonly CommandSpec[] = [
  {
    usage: 'secret',
    summary: 'values for agents that no event, log or answer holds',
    commands: [
      {
        usage: 'set <name> [words...]',
        summary: 'store a new secret, or a new version of one',
        details:
          `${readValue} Agents get it where a manifest's or deployment's environment says {"secret": "NAME"}. ` +
          'Releases that run keep the version that they were made with.',
        options: [stdin],
        anyOption: true,
        examples: ['p-cli cloud secret set API_TOKEN', 'p-cli cloud secret set API_TOKEN < token.txt'],
        load: async () => (await import('../verbs/set-secret.ts')).setSecret,
      },
      {
        usage: 'list',
        summary: 'names, versions, who set them, and which releases need them; never values',
        options: [
          { flags: '--dir <folder>', about: 'read the log in this folder instead; for when no server runs' },
          { flags: '--at <moment>', about: 'as it was at a seq, a time, or 10m ago' },
        ],
        examples: ['p-cli cloud secret list', 'p-cli cloud secret list --json'],
        load: async () => (await import('../verbs/secrets.ts')).listSecrets,
      },
      {
        usage: 'rotate <name> [words...]',
        summary: 'store a new version, and say which deployments still run with an older one',
        details:
          `${readValue} With --deploy each of those deployments gets a new release: same commit, image and ` +
          'configuration, newest secrets.',
        options: [stdin, { flags: '--deploy', about: 'deploy what serves again, with the new version' }],
        anyOption: true,
        examples: ['p-cli cloud secret rotate API_TOKEN', 'p-cli cloud secret rotate API_TOKEN --deploy < token.txt'],
        load: async () => (await import('../verbs/set-secret.ts')).rotateSecret,
      },
      {
        usage: 'rm <name>',
        aliases: ['remove'],
        summary: 'destroy every version of a secret',
        details:
          'Its values cannot be brought back, and a rollback that needs them is refused. Refused itself while a release ' +
          'that serves, or is being made, needs the secret.',
        options: [
          { flags: '-y, --yes', about: 'do not ask' },
          { flags: '--force', about: 'also while a release needs it; it cannot be started again then' },
        ],
        examples: ['p-cli cloud secret rm API_TOKEN', 'p-cli cloud secret rm API_TOKEN --yes'],
        load: async () => (await import('../verbs/secrets.ts')).removeSecret,
      },
    ],
  },
];
