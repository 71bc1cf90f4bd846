import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/**
 * The port that was asked for: an option, else PLOINKY_PORT, else PORT; undefined leaves it to the server's setting.
 * @throws PloinkyError USAGE
 */
export function wantedPort(
  option: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): number | undefined {
  const [source, text] =
    option !== undefined
      ? ['--port', option]
      : env.PLOINKY_PORT
        ? ['PLOINKY_PORT', env.PLOINKY_PORT]
        : ['PORT', env.PORT || undefined];
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) {
    throw new PloinkyError('USAGE', `${source} is ${JSON.stringify(text)}, which is no port.`, {
      hint: 'Give a number from 1 to 65535, or 0 for any free port.',
    });
  }
  return port;
}
