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
  {
    usage: 'export [file]',
    summary: 'write events and their payloads as text, one JSON object a line',
    details:
      'To a file, or to stdout for - or none. A header comes first and a trailer last; every hash is checked on the way. ' +
      'A moment is an event’s number, head, a time or a span back from now.',
    options: [
      { flags: '--from <moment>', about: 'first event; default 1' },
      { flags: '--to <moment>', about: 'last event; default head' },
      dir,
    ],
    examples: [
      'p-cli cloud export all.ndjson',
      'p-cli cloud export --from 100 --to 200 | jq -r .type',
      'p-cli cloud export --dir /srv/cloud > all.ndjson',
    ],
    load: async () => (await import('../verbs/export.ts')).exportLog,
  },
  {
    usage: 'import <file>',
    summary: 'make a cloud out of an export, with the same hashes',
    details: 'Only where no cloud is; - reads stdin. A damaged file is refused, saying how far it is good.',
    options: [{ flags: '--dir <folder>', about: 'where; made when it is missing' }],
    examples: [
      'p-cli cloud import all.ndjson --dir /srv/again',
      'zcat all.ndjson.gz | p-cli cloud import - --dir /srv/again',
    ],
    load: async () => (await import('../verbs/import.ts')).importInto,
  },
  {
    usage: 'fork',
    summary: 'copy the history up to a moment into a new folder, to look at and to try',
    details:
      'A server that is started on a fork answers every question about it and acts on nothing: no container, no Git, no ' +
      'call. A moment is an event’s number, head, a time or a span back from now.',
    options: [
      { flags: '--at <moment>', about: 'its last event' },
      { flags: '--dir <folder>', about: 'where it goes; made when it is missing' },
      { flags: '--from-dir <folder>', about: 'of the log in this folder; for when no server runs' },
    ],
    examples: [
      'p-cli cloud fork --at 120 --dir /tmp/then',
      'p-cli cloud fork --at 2h --dir /tmp/then --from-dir /srv/cloud',
    ],
    load: async () => (await import('../verbs/fork.ts')).fork,
  },
  {
    usage: 'repair',
    summary: 'copy what is good of a damaged folder into a new one',
    details:
      'Saves the log up to its first hole; good events behind it go to files beside it, since a chain cannot go on over a ' +
      'hole. Lists what is lost, and then ends with 1. The damaged folder is not changed. Its server must not run.',
    options: [
      { flags: '--dir <folder>', about: 'the damaged one' },
      { flags: '--to <folder>', about: 'the new one; made when it is missing' },
    ],
    examples: ['p-cli cloud repair --dir /srv/cloud --to /srv/repaired'],
    load: async () => (await import('../verbs/repair.ts')).repair,
  },
];
