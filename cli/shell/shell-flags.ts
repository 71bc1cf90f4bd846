const flags = new Set(['--json', '-d', '--debug']);

/** The options for every line of a prompt or pipe, where the command line holds nothing else; undefined otherwise. */
export function shellFlags(argv: readonly string[]): readonly string[] | undefined {
  return argv.every((word) => flags.has(word)) ? argv : undefined;
}
