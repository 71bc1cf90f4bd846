import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { packageRoot } from '../../../cli/package-root.ts';

/** What this machine lacks to open a terminal, or null. */
export function terminalLack(): string | null {
  const there = spawnSync('script', ['--version'], { encoding: 'utf8' });
  return there.stdout?.includes('util-linux') ? null : 'there is no `script` of util-linux';
}

/** `p-cli` at a terminal of its own, 30 rows of 100 columns. */
export class PseudoTerminal {
  readonly #child: ChildProcess;
  #output = '';
  #told: () => void = () => {};

  constructor(cwd: string, argv: readonly string[]) {
    const program = [process.execPath, join(packageRoot(), 'bin', 'p-cli'), ...argv].map(quoted).join(' ');
    const command = `stty rows 30 cols 100; before=$(stty -g); ${program}; echo "exit $?"; test "$before" = "$(stty -g)" && echo restored`;
    const { CI: _, ...env } = process.env;
    this.#child = spawn('script', ['-qfec', command, '/dev/null'], {
      cwd,
      env: { ...env, TERM: 'xterm-256color', HOME: cwd, SHELL: '/bin/sh' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
      this.#told();
    });
  }

  /** Everything since the last call, once it holds the text. */
  async shows(text: string): Promise<string> {
    while (!this.#output.includes(text)) {
      if (this.#child.exitCode !== null) throw new Error(`ended without ${JSON.stringify(text)}: ${this.#output}`);
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        this.#child.once('exit', () => resolve());
      });
    }
    const end = this.#output.indexOf(text) + text.length;
    const shown = this.#output.slice(0, end);
    this.#output = this.#output.slice(end);
    return shown;
  }

  press(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What was still written until the end. */
  async ended(): Promise<string> {
    if (this.#child.exitCode === null) await once(this.#child, 'close');
    return this.#output;
  }

  kill(): void {
    if (this.#child.exitCode === null) this.#child.kill('SIGKILL');
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
