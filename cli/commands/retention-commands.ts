import type { CommandSpec } from '../command-spec.ts';

const dir = { flags: '--dir <folder>', about: 'the log in this folder; for when no server runs' };

/** What keeps a cloud small. */
export const retentionCommands: readonly CommandSpec[] = [
  {
    usage: 'retention',
    summary: 'keep the log small: what of it lies in segment files, and what is due',
    details:
      'Task events older than the setting retention.tasks move into compressed segment files, and read as before. ' +
      'Files older than retention.segments are deleted; the chain of hashes still holds. The server does both once a day.',
    commands: [
      {
        usage: 'show',
        isDefault: true,
        summary: 'segments, and what is due',
        options: [dir],
        examples: ['p-cli cloud retention', 'p-cli cloud retention --dir /srv/cloud --json'],
        load: async () => (await import('../verbs/retention.ts')).showRetention,
      },
      {
        usage: 'run',
        summary: 'do now what is due; collect payloads that no event names',
        options: [{ flags: '--dry-run', about: 'only tell what would be done' }, dir],
        examples: ['p-cli cloud retention run --dry-run', 'p-cli cloud retention run'],
        load: async () => (await import('../verbs/retention.ts')).runRetention,
      },
    ],
  },
];
