import { lettingExit } from '../keep-alive.ts';
import { isCommandName } from '../names.ts';
import { commandLine } from './command-line.ts';
import { type ExportedFunctions, hasModule, loadExportedFunctions, ModuleBroken } from './exported-functions.ts';
import { fileHandler, hasFileHandlers } from './file-handlers.ts';
import type { Handler } from './handler.ts';
import { manifestCommands } from './manifest-commands.ts';

export interface HandlerSources {
  readonly agentDir: string;
  readonly codeDir: string;
  readonly runTask: string | null;
}

/**
 * Finds the handler of a command. The first of these that has it counts:
 * 1. `commands.<command>` of the manifest
 * 2. RUN_TASK, which takes every command
 * 3. an exported function (see loadExportedFunctions)
 * 4. `handlers/<command>.sh`, then an executable `handlers/<command>`
 * 5. an executable `<command>` in the agent's folder
 */
export class Handlers {
  readonly #sources: HandlerSources;
  readonly #commands: ReadonlyMap<string, string>;
  #functions: ExportedFunctions | null = null;
  #loading: Promise<ExportedFunctions> | null = null;

  constructor(sources: HandlerSources) {
    this.#sources = sources;
    this.#commands = manifestCommands(sources.agentDir);
  }

  /**
   * Loads the agent's module before the first call. Not when command lines answer instead: its index.js may then be a
   * program that is not meant to be loaded. A module that cannot be loaded ends the start if nothing else could answer; then
   * it may also end the process by itself.
   * @throws ModuleBroken
   */
  async prepare(): Promise<void> {
    const { runTask, codeDir } = this.#sources;
    if (runTask !== null || this.#commands.size > 0 || !hasModule(codeDir)) return;
    if (!hasFileHandlers(codeDir)) {
      await lettingExit(() => this.#load());
      return;
    }
    try {
      await this.#load();
    } catch (error) {
      process.stderr.write(`AgentCore: ${(error as Error).message}; only file handlers answer.\n`);
    }
  }

  /**
   * null = no such command. A promise only while the agent's module is not loaded.
   * @throws ModuleBroken
   */
  find(command: string): Handler | null | Promise<Handler | null> {
    if (!isCommandName(command)) return null;
    const line = this.#commands.get(command) ?? this.#sources.runTask;
    if (line !== null) return { kind: 'program', program: commandLine(line) };
    if (this.#functions) return this.#among(this.#functions, command);
    return this.#loadUnlessFile(command).then((functions) => this.#among(functions, command));
  }

  #among(functions: ExportedFunctions, command: string): Handler | null {
    const call = functions.get(command);
    if (call) return { kind: 'function', call };
    const program = fileHandler(this.#sources.codeDir, command);
    return program ? { kind: 'program', program } : null;
  }

  async #loadUnlessFile(command: string): Promise<ExportedFunctions> {
    try {
      return await this.#load();
    } catch (error) {
      if (error instanceof ModuleBroken && fileHandler(this.#sources.codeDir, command)) return new Map();
      throw error;
    }
  }

  async #load(): Promise<ExportedFunctions> {
    // A failed load is not tried again: Node would answer from its cache, or run half of the module twice.
    this.#loading ??= loadExportedFunctions(this.#sources.codeDir);
    this.#functions = await this.#loading;
    return this.#functions;
  }
}
