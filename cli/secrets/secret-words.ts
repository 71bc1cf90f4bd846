import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { parseSecretName } from '../../core/names/names.ts';

/**
 * The name of a secret, where nothing but a name was given. What could be a value is not repeated.
 * @throws PloinkyError USAGE, INVALID_NAME
 */
export function nameAlone([name = '', ...more]: readonly string[], verb: 'set' | 'rotate'): string {
  const [before = ''] = name.split('=', 1);
  const pair = before !== name;
  if (!pair && more.length === 0) return parseSecretName(name);
  const plain = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(before) ? before : 'NAME';
  throw new PloinkyError(
    'USAGE',
    'The value of a secret is never taken from the command line: every user of the machine sees it there, and the ' +
      "shell keeps it. Nothing was stored; if that was the value, take it out of your shell's history.",
    { hint: `Type it when asked by \`p-cli cloud secret ${verb} ${plain}\`, or pipe it in: \`… ${plain} < file\`.` },
  );
}
