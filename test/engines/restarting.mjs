// Keeps a daemon running as an init system does: when it dies it is started again after `delayMs`, until this process is
// told to end. Plain JavaScript, since it is started by Node directly. Arguments: delayMs, program, arguments …
import { spawn } from 'node:child_process';

const [delayMs, program, ...args] = process.argv.slice(2);
let daemon;
let ending = false;

function start() {
  if (ending) return process.exit(0);
  daemon = spawn(program, args, { stdio: 'inherit' });
  daemon.once('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  daemon.once('exit', () => (ending ? process.exit(0) : setTimeout(start, Number(delayMs))));
}

process.on('SIGTERM', () => {
  ending = true;
  daemon.kill('SIGTERM');
});
start();
