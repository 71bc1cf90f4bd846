import type { CommandSpec } from '../command-spec.ts';

/** `cloud add host x` and its kin, as an older guide had them. Same verbs, other order of words. */
export const aliasCommands: readonly CommandSpec[] = [
  {
    usage: 'add',
    summary: 'older spelling of host add and repo add',
    hidden: true,
    commands: [
      {
        usage: 'host <name>',
        summary: 'the same as host add',
        load: async () => (await import('../verbs/hosts.ts')).addHost,
      },
      {
        usage: 'repo <name> <url>',
        summary: 'the same as repo add',
        load: async () => (await import('../verbs/repositories.ts')).addRepository,
      },
      {
        usage: 'admin [words...]',
        summary: 'there are no users',
        anyOption: true,
        load: async () => (await import('../verbs/unsupported.ts')).adminInstead,
      },
    ],
  },
  {
    usage: 'remove',
    summary: 'older spelling of host remove and repo remove',
    hidden: true,
    commands: [
      {
        usage: 'host <name>',
        summary: 'the same as host remove',
        load: async () => (await import('../verbs/hosts.ts')).removeHost,
      },
      {
        usage: 'repo <name>',
        summary: 'the same as repo remove',
        load: async () => (await import('../verbs/repositories.ts')).removeRepository,
      },
    ],
  },
  {
    usage: 'list',
    summary: 'older spelling of host list, repo list, agent list and deployments',
    hidden: true,
    commands: [
      {
        usage: 'hosts',
        aliases: ['host'],
        summary: 'the same as host list',
        load: async () => (await import('../verbs/hosts.ts')).listHosts,
      },
      {
        usage: 'repos',
        aliases: ['repo'],
        summary: 'the same as repo list',
        load: async () => (await import('../verbs/repositories.ts')).listRepositories,
      },
      {
        usage: 'agents',
        aliases: ['agent'],
        summary: 'the same as agent list',
        load: async () => (await import('../verbs/agents.ts')).listAgents,
      },
      {
        usage: 'deployments',
        summary: 'the same as deployments',
        load: async () => (await import('../verbs/deployments.ts')).deployments,
      },
    ],
  },
];
