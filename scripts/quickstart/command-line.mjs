import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Thrown when a command of the session fails; the command has said why itself. */
export class CommandFailed extends Error {
  constructor(words, exitCode) {
    super(`p-cli ${words.join(' ')} ended with exit code ${exitCode}.`);
    this.exitCode = exitCode;
  }
}

/**
 * Runs p-cli in the folder of the cloud, as a person would type it. HOME is that folder too, so that the API key of a
 * throw-away cloud does not end up among the keys of the user.
 */
export class CommandLine {
  #root;
  #folder;
  #child;
  #cancelled = false;

  constructor(root, folder) {
    this.#root = root;
    this.#folder = folder;
  }

  /** Shows the command and what it prints. @throws CommandFailed */
  async show(...words) {
    process.stdout.write(`\n$ p-cli ${words.map(shellWord).join(' ')}\n`);
    await this.#run(words, 'inherit');
  }

  /** Runs it without a word. Resolves with what it printed. @throws CommandFailed */
  async quiet(...words) {
    return this.#run(words, 'pipe');
  }

  /** Ends the command under way; there will be no further one. */
  cancel() {
    this.#cancelled = true;
    this.#child?.kill('SIGINT');
  }

  async #run(words, stdout) {
    if (this.#cancelled) throw new CommandFailed(words, 130);
    const child = spawn(process.execPath, [join(this.#root, 'bin/p-cli'), ...words], {
      cwd: this.#folder,
      env: { ...process.env, HOME: this.#folder, USERPROFILE: this.#folder },
      stdio: ['ignore', stdout, 'inherit'],
    });
    this.#child = child;
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new CommandFailed(words, code ?? 130);
    return text;
  }
}

function shellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
