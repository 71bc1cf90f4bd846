import { Command, Option } from 'commander';
import { type CommandSpec, Options, type Verb } from './command-spec.ts';
import { helpWithin } from './commands/help-command.ts';
import type { Sink } from './terminal/output.ts';

export interface ProgramOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Asked for only where --version is given. */
  readonly version: () => string;
  readonly perform: (verb: Verb, args: readonly string[], options: Options, globals: Globals) => Promise<void>;
}

export interface Globals {
  readonly json: boolean;
  readonly debug: boolean;
}

/** Builds commander's tree from the specs. Nothing is printed or ended by it but help and version. */
export function buildProgram(specs: readonly CommandSpec[], options: ProgramOptions): Command {
  const program = new Command('p-cli')
    .description('Deploys agents and web services from Git, and shows every event that led to what runs.')
    .option('-d, --debug', 'show requests and stack traces (also PLOINKY_DEBUG=1 or DEBUG=1)')
    .option('--json', 'data as JSON on stdout, errors as JSON on stderr')
    .option('-v, --version', 'print the version')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => options.stdout.write(text),
      writeErr: (text) => options.stderr.write(text),
      // The one place that prints errors is told by exception.
      outputError: () => {},
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', '\nWithout a command: a prompt, or one command a line from a pipe.');
  program.on('option:version', () => {
    options.stdout.write(`${options.version()}\n`);
    throw new VersionPrinted();
  });
  for (const spec of specs) addCommand(program, spec, options);
  return program;
}

export class VersionPrinted extends Error {}

/** A wrong command line, with the command it was meant for. */
export class UsageError extends Error {
  readonly command: string;
  readonly usage: string;

  constructor(message: string, command: Command) {
    super(message.replace(/^error: /, ''));
    this.command = fullName(command);
    this.usage = `${this.command} ${command.usage()}`;
  }
}

function addCommand(parent: Command, spec: CommandSpec, options: ProgramOptions): void {
  const command = parent.command(spec.usage, { isDefault: spec.isDefault === true, hidden: spec.hidden === true });
  command.description(spec.details ? `${spec.summary}\n\n${spec.details}` : spec.summary).summary(spec.summary);
  command.helpCommand(false).allowExcessArguments(spec.anyOption === true);
  if (spec.anyOption) command.allowUnknownOption();
  if (spec.aliases) command.aliases([...spec.aliases]);
  for (const { flags, about, repeat, hidden } of spec.options ?? []) {
    const option = new Option(flags, about).hideHelp(hidden === true);
    if (repeat) option.argParser((value: string, sofar: readonly string[] = []) => [...sofar, value]);
    command.addOption(option);
  }
  if (spec.examples?.length) {
    command.addHelpText('after', `\nExamples:\n${spec.examples.map((e) => `  $ ${e}`).join('\n')}`);
  }
  command.configureOutput({
    outputError: (message) => {
      if (spec.isDefault && /too many arguments/.test(message)) throw noSuchVerb(parent);
      throw new UsageError(message.trim(), command);
    },
  });
  for (const child of spec.commands ?? []) addCommand(command, child, options);
  if (spec.commands) addCommand(command, helpWithin(namesOf(command)), options);
  if (spec.load) act(command, spec.load, options);
}

/** A word that names no verb of a group went to its default verb, which takes none. */
function noSuchVerb(group: Command): UsageError {
  const named = group.commands.filter((command) => command.name() !== 'help');
  const verbs = named.map((command) => `${command.name()} ${command.usage()}`.replace(' [options]', '').trim());
  const said = group.args[0] ?? '';
  return new UsageError(`unknown command '${said}'; ${fullName(group)} has: ${verbs.join(', ')}`, group);
}

function act(command: Command, load: () => Promise<Verb>, options: ProgramOptions): void {
  command.action(async () => {
    const all = command.optsWithGlobals();
    const globals = { json: all.json === true, debug: all.debug === true };
    // Also those of its group: an option that both have is taken by the group, wherever it stands.
    await options.perform(await load(), command.args, new Options(all), globals);
  });
}

/** Without the program's own. */
function namesOf(command: Command): string[] {
  return command.parent ? [...namesOf(command.parent), command.name()] : [];
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
