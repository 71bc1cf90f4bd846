import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { run } from '../run.ts';
import type { Surroundings } from '../surroundings.ts';
import { Output } from '../terminal/output.ts';
import { reportError } from '../terminal/report-error.ts';
import { parseLine } from './parse-line.ts';

/** Runs one typed line as a command. Resolves with its exit code; 0 for an empty line or a comment. */
export async function runLine(
  line: string,
  surroundings: Surroundings,
  flags: readonly string[] = [],
): Promise<number> {
  const parsed = parseLine(line);
  if (parsed.kind === 'unfinished') {
    const error = new PloinkyError('USAGE', `The line ends before ${parsed.missing}.`, { hint: 'Nothing was run.' });
    return reportError(
      error,
      new Output(surroundings.stdout, surroundings.stderr, surroundings.env, flags.includes('--json')),
      false,
    );
  }
  const [first, ...rest] = parsed.words;
  const words = first === 'p-cli' || first === 'ploinky' ? rest : parsed.words;
  return words.length === 0 ? 0 : run([...flags, ...words], surroundings);
}

export function isFarewell(line: string): boolean {
  return /^\s*(exit|quit)\s*$/.test(line);
}
