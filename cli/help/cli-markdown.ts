import type { CommandSpec } from '../command-spec.ts';
import { namedOptions, nameOf } from './topic.ts';

/** docs/cli.md, whole. Made from the same specs as --help, so that the two cannot differ. */
export function cliMarkdown(commands: readonly CommandSpec[]): string {
  const sections = commands.filter((spec) => !spec.hidden).map((spec) => section(spec, 'p-cli', 2));
  return `${intro}\n${sections.join('\n')}\n${ending}`;
}

const intro = `# p-cli

<!-- Generated from cli/commands by \`npm run docs\`; do not edit. -->

\`p-cli\` (also \`ploinky\`) with arguments runs one command. Without arguments it opens a prompt on a terminal, or runs
each line of a pipe as a command; the exit code is then that of the first line that failed.

Every command takes:

| Option | Meaning |
|---|---|
| \`--json\` | data as JSON on stdout; errors as JSON on stderr, and nothing else there |
| \`-d, --debug\` | requests and stack traces on stderr; also \`PLOINKY_DEBUG=1\` or \`DEBUG=1\` |
| \`--help\` | what the command takes, with examples; \`help\` before its name says the same: \`p-cli help cloud deploy\`, \`p-cli cloud help deploy\` |

## Exit codes

They are the same for all commands. [Errors](errors.md) says which code each error ends with.

| Exit code | Meaning |
|---|---|
| 0 | done; also where a filter finds nothing, and where a host name or repository to remove is not known |
| 1 | failed, or the command line cannot be understood |
| 2 | no connection |
| 3 | not logged in, or not allowed |
| 4 | a container or its engine |
| 5 | wrong configuration, or what was named does not exist: a deployment, release, event, call, command, key, volume, folder … |
| 130 | ended with Ctrl-C |
`;

const ending = `## Files and environment

| File | Content |
|---|---|
| \`./.ploinky/cloud.json\` | \`serverUrl\`, \`authToken\`, \`userId\`; of a server started from here \`serverPid\`, \`serverPort\`, \`serverStart\`, \`serverDir\` |
| \`./.ploinky/client.json\` | \`serverUrl\` of \`client connect\` |
| \`./.ploinky/p-cloud.log\` | what a server in the background prints |
| \`~/.plionky/remotes.json\` | \`url\` and \`apiKey\` that \`init\` or \`keys rotate\` saved; readable by you alone |

| Variable | Meaning |
|---|---|
| \`PLOINKY_PORT\`, \`PORT\` | port for \`cloud start\` and \`p-cloud\` |
| \`PLOINKY_CLOUD_DIR\` | folder of the cloud for \`cloud start\` and \`p-cloud\` |
| \`PLOINKY_SERVER_URL\` | server to talk to, instead of the one in \`cloud.json\` |
| \`PLOINKY_AUTH_TOKEN\` | session token, instead of the one in \`cloud.json\` |
| \`NO_COLOR\` | no colours |
`;

function section(spec: CommandSpec, parent: string, depth: number): string {
  const name = `${parent} ${nameOf(spec)}`;
  const parts = [`${'#'.repeat(Math.min(depth, 4))} ${name}`, '', sentence(spec.summary)];
  if (spec.details) parts.push('', spec.details);
  if (spec.load) parts.push('', `    ${parent} ${spec.usage}${namedOptions(spec).length > 0 ? ' [options]' : ''}`);
  if (spec.aliases?.length)
    parts.push('', `Also \`${spec.aliases.map((alias) => `${parent} ${alias}`).join('`, `')}\`.`);
  if (spec.isDefault) parts.push('', `The same as \`${parent}\` alone.`);
  const options = namedOptions(spec);
  if (options.length > 0) {
    parts.push('', '| Option | Meaning |', '|---|---|');
    for (const { flags, about } of options) parts.push(`| \`${flags}\` | ${cell(about)} |`);
  }
  if (spec.examples?.length) parts.push('', ...spec.examples.map((text) => `    $ ${text}`));
  const children = (spec.commands ?? []).filter((child) => !child.hidden);
  return [`${parts.join('\n')}\n`, ...children.map((child) => section(child, name, depth + 1))].join('\n');
}

function sentence(text: string): string {
  const capital = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.?!]$/.test(capital) ? capital : `${capital}.`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
