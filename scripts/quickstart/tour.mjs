import { CommandFailed } from './command-line.mjs';
import { surveyEngines } from './engine.mjs';

/**
 * From an empty cloud to one that takes commands.
 * @param {import('./command-line.mjs').CommandLine} cli
 * @param {string} url
 * @throws CommandFailed
 */
export async function open(cli, url) {
  await cli.show('cloud', 'connect', url);
  await cli.show('cloud', 'init');
  await cli.show('cloud', 'login');
}

/**
 * From there to an answer of its first agent.
 * @param {{ root: string, cli: import('./command-line.mjs').CommandLine, engine?: string }} parts
 * @throws CommandFailed
 */
export async function tour({ root, cli, engine }) {
  const chosen = engine ? { name: engine, why: 'you asked for it' } : await surveyEngines(root);
  process.stdout.write(`\nEngine: ${chosen.name}. ${sentence(chosen.why)}\n`);
  if (chosen.name === 'process') process.stdout.write('Agents run as plain processes, without isolation.\n');
  if (engine) await cli.show('cloud', 'settings', 'set', 'engine', engine);
  await deploy(cli, chosen.name, engine !== undefined);
  await cli.show('cloud', 'call', '/demo', 'hello', 'World');

  const [reply] = jsonLines(await cli.quiet('cloud', 'history', '--type', 'task.completed', '--limit', '1', '--json'));
  if (typeof reply?.data.data !== 'string') throw new Error('The log holds no answer of the agent.');
  process.stdout.write(`\n${reply.data.data}\n\nThe events that led to it:\n`);
  await cli.show('cloud', 'history', '--deployment', 'localhost/demo');
}

/** A container engine may be there and still have no image and no way to one; then processes will do. */
async function deploy(cli, engine, insisted) {
  const words = ['cloud', 'deploy', 'localhost', '/demo', 'demo'];
  try {
    await cli.show(...words);
  } catch (error) {
    const containers = error instanceof CommandFailed && error.exitCode === 4;
    if (!containers || insisted || engine === 'process') throw error;
    process.stdout.write(
      `\n${engine} is there but cannot run the agent, as it says above. Taking plain processes instead.\n`,
    );
    await cli.show('cloud', 'settings', 'set', 'engine', 'process');
    await cli.show(...words);
  }
}

function jsonLines(text) {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

function sentence(text) {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}.`;
}
