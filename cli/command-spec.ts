import type { Session } from './session.ts';

/** What a verb gets: the words after its name, its options, and the session. */
export interface Invocation {
  readonly session: Session;
  /** Missing optional words are absent, not empty. */
  readonly args: readonly string[];
  readonly options: Options;
}

/** Options by the camel-cased long name. */
export class Options {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** `--no-<name>` was given. */
  without(name: string): boolean {
    return this.#values[name] === false;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    return Array.isArray(value) ? value : [];
  }
}

/** Does the work; a number is the exit code where something failed that was told already. */
// biome-ignore lint/suspicious/noConfusingVoidType: most verbs return nothing
export type Verb = (call: Invocation) => Promise<number | void>;

export interface OptionSpec {
  /** As commander takes them: `-y, --yes` or `--branch <name>`. */
  readonly flags: string;
  readonly about: string;
  /** May be given several times; read it with `list`. */
  readonly repeat?: true;
  /** Taken still, and not named any more; for older spellings. */
  readonly hidden?: true;
}

/** One command or group of commands. The verb is loaded when it is called, so that others do not pay for it. */
export interface CommandSpec {
  /** `deploy <host> <path> <agent>` */
  readonly usage: string;
  readonly summary: string;
  /** More, for --help and docs/cli.md. */
  readonly details?: string;
  readonly options?: readonly OptionSpec[];
  readonly examples?: readonly string[];
  readonly aliases?: readonly string[];
  /** Words that look like options it does not know are parameters. */
  readonly anyOption?: true;
  /** Runs when its group is called without a word. */
  readonly isDefault?: true;
  /** Not in the lists of --help; for older spellings. */
  readonly hidden?: true;
  readonly load?: () => Promise<Verb>;
  readonly commands?: readonly CommandSpec[];
}
