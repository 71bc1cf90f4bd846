import type { CommandSpec } from '../command-spec.ts';

/** What deployments keep over releases. */
export const volumeCommands: readonly CommandSpec[] = [
  {
    usage: 'volumes',
    summary: 'what deployments keep over releases: size, who uses it, what nobody needs any more',
    examples: ['p-cli cloud volumes', 'p-cli cloud volumes --json'],
    load: async () => (await import('../verbs/volumes.ts')).volumes,
  },
  {
    usage: 'volume',
    summary: 'one volume of a deployment',
    commands: [
      {
        usage: 'remove <deployment> <name>',
        aliases: ['rm'],
        summary: 'remove a volume with everything in it',
        details:
          'Nothing else removes a volume: neither a new release, nor a rollback, nor undeploy. Refused while a container ' +
          'has it, or a release that serves or is being made names it. What was in it cannot be brought back.',
        options: [{ flags: '-y, --yes', about: 'do not ask' }],
        examples: [
          'p-cli cloud volume remove localhost/demo data',
          'p-cli cloud volume remove localhost/demo data --yes',
        ],
        load: async () => (await import('../verbs/volumes.ts')).removeVolume,
      },
    ],
  },
];
