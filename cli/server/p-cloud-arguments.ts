import { parseArgs } from 'node:util';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import { wantedPort } from './port.ts';

export type CloudArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }
  | {
      readonly kind: 'serve';
      /** As given; relative to the working directory. */
      readonly dir: string;
      readonly port: number | undefined;
      readonly host: string | undefined;
    };

export const cloudUsage = `Usage: p-cloud [options]

Serves a cloud in the foreground until SIGTERM or Ctrl-C. Agents keep running when it stops.

Options:
  -p, --port <number>   port to listen on; 0 = any free one
                        (also PLOINKY_PORT or PORT; default: the setting port, or 8000)
  -d, --dir <folder>    folder of the cloud, which holds .ploinky-cloud
                        (also PLOINKY_CLOUD_DIR; default: here)
      --host <address>  address to listen on; default: this machine alone
  -h, --help            print this
  -v, --version         print the version

Examples:
  $ p-cloud
  $ p-cloud --port 9000 --dir /srv/cloud
`;

/** @throws PloinkyError USAGE */
export function parseCloudArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CloudArguments {
  let values: { port?: string; dir?: string; host?: string; help?: boolean; version?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: false,
      options: {
        port: { type: 'string', short: 'p' },
        dir: { type: 'string', short: 'd' },
        host: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean', short: 'v' },
      },
    }));
  } catch (error) {
    throw new PloinkyError('USAGE', (error as Error).message, { hint: 'See `p-cloud --help`.' });
  }
  if (values.help) return { kind: 'help' };
  if (values.version) return { kind: 'version' };
  return {
    kind: 'serve',
    dir: values.dir ?? (env.PLOINKY_CLOUD_DIR || '.'),
    port: wantedPort(values.port, env),
    host: values.host,
  };
}
