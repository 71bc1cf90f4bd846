import { parseArgs } from 'node:util';

export const engines = ['docker', 'podman', 'process'];

export const usage = `Usage: npm run quickstart [-- options]

Starts a cloud in a fresh folder, deploys the bundled demo agent from a Git repository, calls it, and stays up.

Options:
  --exit                            stop after the call and leave nothing behind
  --engine docker|podman|process    run the agent there; default: the best one that answers
  --port <number>                   port to listen on; 0 = any free one; default: 8000, or a free one if that is taken
  -h, --help                        print this
`;

/**
 * @param {readonly string[]} argv
 * @throws {Error} with one sentence about what is wrong
 */
export function parseQuickstartArguments(argv) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      exit: { type: 'boolean', default: false },
      engine: { type: 'string' },
      port: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { exit, engine, help } = values;
  if (engine !== undefined && !engines.includes(engine)) {
    throw new Error(`There is no engine "${engine}"; choose ${engines.join(', ')}.`);
  }
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new Error(`"${values.port}" is not a port.`);
  }
  return { exit, engine, port, help };
}
