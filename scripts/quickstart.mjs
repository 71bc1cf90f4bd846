// `npm run quickstart`: from a fresh clone to an agent that answers. Needs Node and Git, nothing else.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { run } from './process/run.mjs';
import { parseQuickstartArguments, usage } from './quickstart/arguments.mjs';
import { CommandFailed, CommandLine } from './quickstart/command-line.mjs';
import { freshFolder } from './quickstart/folder.mjs';
import { missingRequirements } from './quickstart/requirements.mjs';
import { startServer } from './quickstart/server.mjs';
import { tour } from './quickstart/tour.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

async function main(options) {
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(missing.join('\n'));
  if ((await ensureDependencies(root)) !== 0) throw new Error('`npm ci` failed; see above.');
  if ((await run(process.execPath, [join(root, 'scripts/build.mjs')], { cwd: root })) !== 0) {
    throw new Error('The build failed; see above.');
  }

  const interrupted = signals();
  const folder = freshFolder(root, options.exit);
  process.stdout.write(`Folder: ${folder}\n`);
  const server = await startServer({ root, folder, port: options.port });
  const cli = new CommandLine(root, folder);
  let keep = true;
  try {
    const stopped = server.ended().then((code) => {
      throw new Error(`The server ended by itself with exit code ${code}; see ${folder}/.ploinky-cloud/logs.`);
    });
    stopped.catch(() => {});
    const left = await Promise.race([tour({ root, cli, server, engine: options.engine }), stopped, interrupted]);
    if (left === undefined && !options.exit) {
      invite(folder, server.url);
      await Promise.race([interrupted, stopped]);
    }
    keep = !options.exit;
  } finally {
    process.stdout.write('\nStopping agents and server (Ctrl-C again leaves them running) …\n');
    await cli.quiet('cloud', 'destroy', 'all', '--yes').catch((error) => process.stderr.write(`${error.message}\n`));
    await server.stop();
    if (keep) process.stdout.write(`What happened stays in ${folder}; delete the folder to forget it.\n`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

function invite(folder, url) {
  process.stdout.write(`
It serves at ${url}/demo until you press Ctrl-C. Try next, in another terminal:

  cd ${relative(process.cwd(), folder)}
  curl -d '{"params":["you"]}' ${url}/demo/hello
  ../bin/p-cli cloud call /demo add 20 22
  ../bin/p-cli cloud history --follow
`);
}

/** Resolves at the first signal to end; after that signals have their usual effect again. */
function signals() {
  return Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name)));
}

try {
  const options = parseQuickstartArguments(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await main(options);
} catch (error) {
  process.stderr.write(`\nquickstart: ${error.message}\n`);
  process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
}
