import { PloinkyError } from '../../core/errors/ploinky-error.ts';

export interface ServeOptions {
  /** Absolute path. */
  readonly dir: string;
  readonly port: number | undefined;
  readonly host: string | undefined;
}

/**
 * Runs the server in this process until SIGTERM or SIGINT, then stops it. A second signal ends the process at once,
 * as does one that comes before the server listens: the log survives that at any moment, and a start may hang.
 * @throws PloinkyError PORT_IN_USE and whatever the server refuses to start with
 */
export async function serveUntilStopped(
  options: ServeOptions,
  listening: (server: { url: string; port: number }) => Promise<void>,
): Promise<void> {
  const { serve } = await import('../serve.ts');
  let asked: () => void = () => {};
  const stopAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  let up = false;
  let times = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    times += 1;
    if (!up || times > 1) process.exit(signal === 'SIGINT' ? 130 : 143);
    asked();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    const { dir, port, host } = options;
    const server = await serve({
      dir,
      ...(port === undefined ? {} : { port }),
      ...(host === undefined ? {} : { host }),
    }).catch((error: unknown) => {
      throw listenError(error, options);
    });
    up = true;
    await listening(server);
    await stopAsked;
    await server.stop();
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  }
}

function listenError(error: unknown, { port, host }: ServeOptions): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const where = host ? `${host}:${port ?? 8000}` : `port ${port ?? 8000}`;
  if (code === 'EADDRINUSE') {
    return new PloinkyError('PORT_IN_USE', `Another program listens on ${where} already.`, { cause: error });
  }
  if (code === 'EACCES') {
    return new PloinkyError('PORT_IN_USE', `This user may not listen on ${where}.`, {
      hint: 'Choose a port above 1023 with --port.',
      cause: error,
    });
  }
  return error;
}
