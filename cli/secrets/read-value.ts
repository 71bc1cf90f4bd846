import { checkSecretValue, longestSecretBytes } from '../../adapters/secrets/secret-value.ts';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { readStdinBytes } from '../connection/read-stdin.ts';
import type { Session } from '../session.ts';
import { askSecret, attended } from '../terminal/ask.ts';

/**
 * A value, typed without echo or from stdin; undefined when the person gave up.
 * @throws PloinkyError USAGE where there is neither, SECRET_VALUE_INVALID
 */
export async function readValue(session: Session, name: string, fromStdin: boolean): Promise<string | undefined> {
  const value =
    fromStdin || session.surroundings.stdin?.isTTY !== true ? await piped(session) : await typed(session, name);
  if (value !== undefined) checkSecretValue(value);
  return value;
}

async function typed(session: Session, name: string): Promise<string | undefined> {
  if (!attended(session)) {
    throw new PloinkyError('USAGE', 'There is no terminal to ask for the value on.', {
      hint: `Pipe it in: \`p-cli cloud secret set ${name} < file\`.`,
    });
  }
  return askSecret(session, `Value of ${name}`);
}

/** Text files end with a line end that nobody means. */
async function piped({ surroundings }: Session): Promise<string> {
  const bytes = await readStdinBytes(surroundings, longestSecretBytes + 2);
  if (bytes === null) {
    throw new PloinkyError('SECRET_VALUE_INVALID', `The value has more than ${longestSecretBytes} bytes.`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r?\n$/, '');
  } catch {
    throw new PloinkyError('SECRET_VALUE_INVALID', 'The value is binary: it is no UTF-8 text.', {
      hint: 'Encode it first, for example with `base64 < file | p-cli cloud secret set NAME`.',
    });
  }
}
