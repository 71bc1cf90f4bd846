import { resolve } from 'node:path';
import { problemOf } from '../core/errors/ploinky-error.ts';
import { packageVersion } from './package-root.ts';
import { serveUntilStopped } from './server/foreground.ts';
import { cloudUsage, parseCloudArguments } from './server/p-cloud-arguments.ts';
import type { ServerMessage } from './server/server-message.ts';
import { Output } from './terminal/output.ts';
import { reportError } from './terminal/report-error.ts';
import { t, tick } from './terminal/text.ts';

const out = new Output(process.stdout, process.stderr, process.env, false);

/** Tells the process that started this one, where there is such a one and it still listens. */
async function tell(message: ServerMessage): Promise<void> {
  if (!process.send || !process.connected) return;
  await new Promise<void>((done) => process.send?.(message, undefined, {}, () => done()));
  if (process.connected) process.disconnect();
}

try {
  const wanted = parseCloudArguments(process.argv.slice(2), process.env);
  if (wanted.kind === 'help') process.stdout.write(cloudUsage);
  else if (wanted.kind === 'version') process.stdout.write(`${packageVersion()}\n`);
  else {
    await serveUntilStopped({ ...wanted, dir: resolve(wanted.dir) }, async ({ url, port }) => {
      out.print(t`${tick} Ploinky listens at ${url} (process ${process.pid})`);
      await tell({ kind: 'listening', url, port });
    });
    process.exit(0);
  }
} catch (error) {
  const exit = reportError(error, out, process.env.PLOINKY_DEBUG === '1' || process.env.DEBUG === '1');
  await tell({ kind: 'failed', problem: problemOf(error) });
  process.exit(exit);
}
