import { homedir } from 'node:os';
import { interruptedExit, run } from './run.ts';
import { shellFlags } from './shell/shell-flags.ts';
import { processSurroundings } from './surroundings.ts';

/** A reader such as `head` that goes away early is no error. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

let controller = new AbortController();
process.on('SIGINT', () => {
  // The second time nobody wants to wait for anything.
  if (controller.signal.aborted) process.exit(interruptedExit);
  controller.abort();
});
process.on('SIGTERM', () => controller.abort());

function surroundings() {
  if (controller.signal.aborted) controller = new AbortController();
  return processSurroundings(homedir(), controller.signal);
}

const argv = process.argv.slice(2);
let exit: number;
const flags = shellFlags(argv);
if (!flags) exit = await run(argv, surroundings());
else if (process.stdin.isTTY) {
  const { runRepl } = await import('./shell/repl.ts');
  exit = await runRepl({ input: process.stdin, output: process.stdout, surroundings, flags });
} else {
  const { runScript } = await import('./shell/script.ts');
  const { stdin: _, ...rest } = surroundings();
  exit = await runScript(process.stdin, rest, flags);
}
// What was written reaches a pipe before the end.
process.stdout.write('', () => process.exit(exit));
