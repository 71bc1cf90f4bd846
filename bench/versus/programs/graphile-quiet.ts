import { Logger } from 'graphile-worker';

/** Only what went wrong: a line for each job would be measured as well. */
export const quiet = new Logger(() => (level, message) => {
  if (level === 'error') process.stderr.write(`graphile-worker: ${message}\n`);
});
