// `npm run quickstart`: from a fresh clone to an agent that answers. Needs Node and Git, nothing else.
import { once } from 'node:events';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { run } from './process/run.mjs';
import { parseQuickstartArguments, usage } from './quickstart/arguments.mjs';
import { CommandFailed, CommandLine } from './quickstart/command-line.mjs';
import { freshFolder, removeCloud } from './quickstart/folder.mjs';
import { missingRequirements } from './quickstart/requirements.mjs';
import { startServer } from './quickstart/server.mjs';
import { open, tour } from './quickstart/tour.mjs';

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
  const ended = server.ended().then((code) => {
    throw new Error(`The server ended by itself with exit code ${code}; see ${folder}/.ploinky-cloud/logs.`);
  });
  const cli = new CommandLine(root, folder);
  let opened = false;
  let done = false;
  const guide = async () => {
    await open(cli, server.url);
    opened = true;
    await tour({ root, cli, engine: options.engine });
    done = true;
  };
  const guided = guide();
  try {
    await Promise.race([guided, ended, interrupted]);
    if (done && !options.exit) {
      invite(folder, server.url);
      await Promise.race([ended, interrupted]);
    }
  } finally {
    cli.cancel();
    await guided.catch(() => {});
    process.stdout.write('\nStopping agents and server (Ctrl-C again leaves them running) …\n');
    if (opened) await removeAgents(new CommandLine(root, folder));
    await server.stop();
    if (options.exit && done) await removeCloud(root, folder);
    else process.stdout.write(`What happened stays in ${folder}; delete the folder to forget it.\n`);
  }
  return done ? 0 : 130;
}

async function removeAgents(cli) {
  try {
    await cli.quiet('cloud', 'destroy', 'all', '--yes');
  } catch (error) {
    process.stderr.write(`Agents may still run: ${error.message}\n`);
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
  return Promise.race([...['SIGINT', 'SIGTERM', 'SIGHUP'].map((name) => once(process, name)), withoutParent()]);
}

/** npm hands a SIGTERM on to the shell between it and this program, and that shell to nobody: it is missed by its end. */
function withoutParent() {
  const parent = process.ppid;
  return new Promise((resolve) => {
    if (process.env.npm_lifecycle_event === undefined) return;
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, 500);
    timer.unref();
  });
}

try {
  const options = parseQuickstartArguments(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else process.exitCode = await main(options);
} catch (error) {
  process.stderr.write(`\nquickstart: ${error.message}\n`);
  process.exitCode = error instanceof CommandFailed ? error.exitCode : 1;
}
