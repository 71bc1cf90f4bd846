import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program to its end. It gets no standard input: nothing here may ask a question.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, tell?: (text: string) => void }} [options] `tell` takes what it writes, of both
 *   streams; without it both are those of this process
 * @returns {Promise<number>} its exit code; 128 + n after signal n, as in a shell; 127 when it could not be started
 */
export function run(program, args, { tell, ...options } = {}) {
  const output = tell ? 'pipe' : 'inherit';
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', output, output] });
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', tell);
    child.once('error', (error) => {
      (tell ?? process.stderr.write.bind(process.stderr))(`${program}: ${error.message}\n`);
      resolve(127);
    });
    // After the last of what it wrote.
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
