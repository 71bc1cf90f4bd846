import type { CommandSpec } from '../command-spec.ts';

const dir = { flags: '--dir <folder>', about: 'read the log in this folder instead; for when no server runs' };

/** The log as a whole: proof that it is whole, and copies of it. */
export const archiveCommands: readonly CommandSpec[] = [
  {
    usage: 'verify',
    summary: 'check every number and hash of the log',
    details:
      'Names the first event that does not fit, and then ends with 1. Prints an anchor: kept elsewhere, it shows later ' +
      'what the log alone cannot show, that its tail was cut off or all of it was replaced.',
    options: [
      { flags: '--anchor <seq:hash>', about: 'what an earlier check printed' },
      { flags: '--blobs', about: 'also the payloads that events name' },
      dir,
    ],
    examples: [
      'p-cli cloud verify',
      'p-cli cloud verify --anchor 120:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      'p-cli cloud verify --blobs --dir /srv/cloud',
      'p-cli cloud verify --json | jq -r .anchor > /mnt/elsewhere/anchor',
    ],
    load: async () => (await import('../verbs/verify.ts')).verify,
  },
  {
    usage: 'backup <file>',
    summary: 'save log, payloads, secrets (encrypted) and Git mirrors in one file',
    details:
      'Consistent while the server runs. The file is written for its owner alone, and only when it is whole. The key of ' +
      'the secrets, API keys and tokens are not in it.',
    options: [
      { flags: '--no-repositories', about: 'without the Git mirrors; an exact rollback then needs the remotes' },
      dir,
    ],
    examples: [
      'p-cli cloud backup monday.backup',
      'p-cli cloud backup /mnt/elsewhere/monday.backup --no-repositories',
      'p-cli cloud backup monday.backup --dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/backup.ts')).backup,
  },
  {
    usage: 'restore <file>',
    summary: 'make a cloud again out of a backup',
    details:
      'Only where no cloud is. Everything is verified first; a damaged file is refused, saying how far it is good.',
    options: [{ flags: '--dir <folder>', about: 'where; made when it is missing' }],
    examples: ['p-cli cloud restore monday.backup --dir /srv/again'],
    load: async () => (await import('../verbs/restore.ts')).restore,
  },
];
