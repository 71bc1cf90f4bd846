import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Program } from './handler.ts';

/** Files of these names in the agent's own folder are steps of its life, not commands. */
const lifecycle = new Set(['install', 'update', 'run']);

/**
 * `handlers/<command>.sh`, an executable `handlers/<command>`, an executable `<command>` in the agent's folder. The last
 * only without a dot in its name, so that nobody outside can run a build.sh that happens to lie there.
 * @param command a name that isCommandName() let pass
 */
export function fileHandler(codeDir: string, command: string): Program | null {
  const script = join(codeDir, 'handlers', `${command}.sh`);
  if (isFile(script)) {
    const throughShell: Program = { file: 'sh', args: [script], otherwise: null };
    return isExecutable(script) ? { file: script, args: [], otherwise: throughShell } : throughShell;
  }
  const program = join(codeDir, 'handlers', command);
  if (isFile(program) && isExecutable(program)) return { file: program, args: [], otherwise: null };
  const own = join(codeDir, command);
  if (command.includes('.') || lifecycle.has(command)) return null;
  return isFile(own) && isExecutable(own) ? { file: own, args: [], otherwise: null } : null;
}

export function hasFileHandlers(codeDir: string): boolean {
  return statSync(join(codeDir, 'handlers'), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
