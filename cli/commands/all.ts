import type { CommandSpec } from '../command-spec.ts';
import { archiveCommands } from './archive-commands.ts';
import { clientCommands } from './client-commands.ts';
import { contentCommands } from './content-commands.ts';
import { helpCommand } from './help-command.ts';
import { historyCommands } from './history-commands.ts';
import { insightCommands } from './insight-commands.ts';
import { keyCommands } from './key-commands.ts';
import { localCommands } from './local-commands.ts';
import { aliasCommands } from './older-spellings.ts';
import { pruneCommands } from './prune-commands.ts';
import { retentionCommands } from './retention-commands.ts';
import { runCommand } from './run-command.ts';
import { secretCommands } from './secret-commands.ts';
import { serverCommands } from './server-commands.ts';
import { taskCommand, taskCommands } from './task-commands.ts';
import { volumeCommands } from './volume-commands.ts';
import { webhookCommands } from './webhook-commands.ts';

/** The whole of p-cli, in the order of --help and docs/cli.md. */
export const commands: readonly CommandSpec[] = [
  {
    usage: 'cloud',
    summary: 'start a server, deploy agents to it, see what happened',
    details: 'Talks to the server of ./.ploinky/cloud.json, or to http://localhost:8000.',
    commands: [
      ...serverCommands,
      ...contentCommands,
      ...secretCommands,
      ...webhookCommands,
      ...volumeCommands,
      ...insightCommands,
      ...historyCommands,
      taskCommand,
      taskCommands,
      ...archiveCommands,
      ...retentionCommands,
      ...pruneCommands,
      ...keyCommands,
      ...aliasCommands,
    ],
  },
  clientCommands,
  runCommand,
  helpCommand,
  ...localCommands,
];
