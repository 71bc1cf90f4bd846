import type { CommandSpec } from '../command-spec.ts';

/** What keeps disks of a cloud from filling up. */
export const pruneCommands: readonly CommandSpec[] = [
  {
    usage: 'prune',
    summary: 'remove images, results of install steps, checkouts and Git objects that no release needs',
    details:
      'Kept are what runs or is being made, and the newest releases of each deployment that served: as many as the setting ' +
      'retention.releases says can be rolled back to. Images go only where Ploinky itself pulled or made them and no container uses ' +
      'them. What goes is in the log before it goes. The server does the same once a day, unless retention.prune is never.',
    options: [{ flags: '--dry-run', about: 'only tell what would go, how large it is, and why' }],
    examples: ['p-cli cloud prune --dry-run', 'p-cli cloud prune', 'p-cli cloud prune --json'],
    load: async () => (await import('../verbs/prune.ts')).prune,
  },
];
