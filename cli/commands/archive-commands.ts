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
];
