import { createInterface } from 'node:readline';
import type { Surroundings } from '../surroundings.ts';
import { isFarewell, runLine } from './run-line.ts';

export interface ReplOptions {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  /** A fresh signal for each command: Ctrl-C ends the command, not the prompt. */
  readonly surroundings: () => Surroundings;
  /** For every command. */
  readonly flags?: readonly string[];
}

/** A prompt until `exit`, `quit` or Ctrl-D. What is typed stays in memory: it may hold a key. */
export async function runRepl(options: ReplOptions): Promise<number> {
  options.output.write('Ploinky. Type `help` for commands, `exit` to leave.\n');
  const history: string[] = [];
  for (;;) {
    const line = await ask(options, history);
    if (line === undefined || isFarewell(line)) return 0;
    await runLine(line, options.surroundings(), options.flags);
  }
}

/** One readline for each question, so that a command may read from the terminal itself. */
function ask({ input, output }: ReplOptions, history: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const prompt = createInterface({ input, output, terminal: true, history: [...history], historySize: 200 });
    prompt.on('history', (entries: string[]) => history.splice(0, history.length, ...entries));
    prompt.on('SIGINT', () => {
      output.write('\n(type exit to leave)\n');
      prompt.write(null, { ctrl: true, name: 'u' });
      prompt.prompt();
    });
    prompt.once('close', () => resolve(undefined));
    prompt.question('ploinky> ', (line) => {
      resolve(line);
      prompt.close();
    });
  });
}
