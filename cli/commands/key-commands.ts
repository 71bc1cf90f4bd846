import type { CommandSpec } from '../command-spec.ts';

/** API keys, which replace users and passwords. */
export const keyCommands: readonly CommandSpec[] = [
  {
    usage: 'keys',
    summary: 'API keys',
    commands: [
      {
        usage: 'list',
        summary: 'keys and what became of them; never the keys themselves',
        examples: ['p-cli cloud keys list'],
        load: async () => (await import('../verbs/keys.ts')).listKeys,
      },
      {
        usage: 'rotate [keyId]',
        summary: 'make a new key in place of one, or of all; printed once',
        details:
          'With --dir no login is needed, but the server of that folder must be stopped: the way back in when the ' +
          'key is lost.',
        options: [{ flags: '--dir <folder>', about: 'write to the log in this folder; for when no server runs' }],
        examples: ['p-cli cloud keys rotate', 'p-cli cloud keys rotate --dir /srv/cloud'],
        load: async () => (await import('../verbs/rotate-key.ts')).rotateKey,
      },
      {
        usage: 'revoke <keyId>',
        summary: 'let a key open nothing any more',
        examples: ['p-cli cloud keys revoke k_1a2b3c'],
        load: async () => (await import('../verbs/keys.ts')).revokeKey,
      },
    ],
  },
  {
    usage: 'admin [words...]',
    summary: 'there are no users: API keys replace them, see `keys`',
    anyOption: true,
    hidden: true,
    load: async () => (await import('../verbs/unsupported.ts')).adminInstead,
  },
];
