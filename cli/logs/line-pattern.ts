import { createContext, Script } from 'node:vm';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** One line is not worth more; patterns such as (a+)+$ could take for ever. */
const lineMs = 1_000;

export type LinePattern =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pattern'; readonly matches: (line: string) => boolean };

/**
 * What `--grep` takes: a part of the line, or `/pattern/` with flags behind it. Patterns are matched here and never by the server,
 * which others need too, and each line has its time limit.
 * @throws PloinkyError USAGE
 */
export function linePattern(given: string): LinePattern {
  const [, source, flags] = /^\/(.+)\/([a-z]*)$/s.exec(given) ?? [];
  if (source === undefined) return { kind: 'text', text: given };
  let pattern: RegExp;
  try {
    pattern = new RegExp(source, (flags ?? '').replace(/[gy]/g, ''));
  } catch (error) {
    throw new PloinkyError('USAGE', `--grep ${given}: ${(error as Error).message}.`);
  }
  const context = createContext(Object.assign(Object.create(null), { pattern, line: '' }));
  const script = new Script('pattern.test(line)');
  return {
    kind: 'pattern',
    matches: (line) => {
      context.line = line;
      try {
        return script.runInContext(context, { timeout: lineMs }) === true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
        throw new PloinkyError('USAGE', `--grep ${given} takes more than ${lineMs} ms for one line.`, {
          hint: 'Leave out what repeats inside a repetition, such as (a+)+.',
          cause: error,
        });
      }
    },
  };
}
