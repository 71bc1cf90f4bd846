import type { CommandSpec } from '../command-spec.ts';

/** Hosts of Git that tell of pushes. */
export const webhookCommands: readonly CommandSpec[] = [
  {
    usage: 'webhook',
    summary: 'let GitHub or GitLab tell of pushes, so that watched deployments need not wait for a poll',
    commands: [
      {
        usage: 'set <repository>',
        summary: 'take the messages of a host that knows a secret; prints the address for it',
        details:
          'The host signs its messages with the secret (GitHub), or sends it along (GitLab). Store the value first with ' +
          '`p-cli cloud secret set`, and give the host the same one. Without a good proof a message is refused; with one it ' +
          'only makes the server ask the remote at once.',
        options: [{ flags: '--secret <NAME>', about: 'name of the secret' }],
        examples: ['p-cli cloud secret set SHOP_HOOK', 'p-cli cloud webhook set shop --secret SHOP_HOOK'],
        load: async () => (await import('../verbs/webhooks.ts')).setWebhook,
      },
      {
        usage: 'remove <repository>',
        summary: 'take no messages any more; polls go on',
        examples: ['p-cli cloud webhook remove shop'],
        load: async () => (await import('../verbs/webhooks.ts')).removeWebhook,
      },
      {
        usage: 'list',
        summary: 'repositories whose hosts may tell of pushes, and the addresses for them',
        examples: ['p-cli cloud webhook list'],
        load: async () => (await import('../verbs/webhooks.ts')).listWebhooks,
      },
    ],
  },
];
