import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../scripts/quickstart.mjs', import.meta.url));

export interface Outcome {
  /** Was its own for temporary files, and is gone. */
  readonly folder: string;
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What is left in the folder for temporary files. */
  readonly leftFiles: readonly string[];
  /** Command lines that name that folder: the server, agents. */
  readonly leftProcesses: readonly string[];
}

/**
 * Runs the quickstart without a terminal, with a folder of its own for temporary files, to its end.
 * @param interruptAt sends SIGTERM as soon as this is printed
 */
export async function runQuickstart(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; interruptAt?: string } = {},
): Promise<Outcome> {
  const temporary = mkdtempSync(join(tmpdir(), 'qs-'));
  try {
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, ...options.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let interrupted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (interrupted || options.interruptAt === undefined || !stdout.includes(options.interruptAt)) return;
      interrupted = true; // a second signal would end it on the spot
      child.kill('SIGTERM');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    const left = { leftFiles: readdirSync(temporary), leftProcesses: processesNaming(temporary) };
    return { folder: temporary, code, stdout, stderr, ...left };
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function processesNaming(folder: string): string[] {
  const all = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n');
  return all.filter((line) => line.includes(folder));
}
