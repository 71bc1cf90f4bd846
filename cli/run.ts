import { CommanderError } from 'commander';
import type { Options, Verb } from './command-spec.ts';
import { commands } from './commands/all.ts';
import { packageVersion } from './package-root.ts';
import { buildProgram, type Globals, UsageError, VersionPrinted } from './program.ts';
import { Session } from './session.ts';
import type { Surroundings } from './surroundings.ts';
import { Output } from './terminal/output.ts';
import { reportError } from './terminal/report-error.ts';

/** Exit code of a command that Ctrl-C ended, as shells count it. */
export const interruptedExit = 130;

/** Runs one command line (without program name) and resolves with its exit code. Never rejects. */
export async function run(argv: readonly string[], surroundings: Surroundings): Promise<number> {
  const { env, stdout, stderr } = surroundings;
  const debugWanted = env.PLOINKY_DEBUG === '1' || env.DEBUG === '1';
  let exit = 0;
  const perform = async (verb: Verb, args: readonly string[], options: Options, globals: Globals) => {
    const session = new Session(surroundings, { json: globals.json, debug: globals.debug || debugWanted });
    exit = (await verb({ session, args, options })) ?? 0;
  };
  const program = buildProgram(commands, { stdout, stderr, version: packageVersion, perform });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof VersionPrinted) return 0;
    // Help was asked for, or a group was called without a word and printed its help.
    if (error instanceof CommanderError && error.code.startsWith('commander.help')) return error.exitCode;
    const before = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
    const debug = debugWanted || before.includes('-d') || before.includes('--debug');
    const out = new Output(stdout, stderr, env, before.includes('--json'));
    out.status(undefined);
    if (surroundings.signal.aborted && !(error instanceof UsageError)) return interruptedExit;
    const usage = error instanceof CommanderError ? new UsageError(error.message, program) : error;
    return reportError(usage, out, debug);
  }
}
