import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../cli/package-root.ts';

/**
 * Mounts a small tmpfs where only the command that follows sees it, and ends with it: in a namespace of its own, so
 * that nothing stays mounted and nothing goes on running however the run ends. Arguments: MiB, folder, command.
 */
const mounting = 'mount -t tmpfs -o size="$1"m,mode=700 none "$2" && shift 2 && "$@"';
const unshare = [
  ...['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
  ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
  ...['sh', '-c', mounting, 'sh'],
];

/** Why there can be no small disk here; null where there can. */
export function whyNoSmallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-disk-'));
  try {
    const [command = '', ...args] = [...unshare, '1', folder, 'true'];
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) return null;
    return `a tmpfs cannot be mounted here: ${error?.message ?? stderr.trim()}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a compiled program of this folder on a small disk: its first argument is the folder, then come `args`. Lines on
 * its stdout are JSON: each is told, the last is the answer.
 */
export async function onSmallDisk<Answer>(
  mebibytes: number,
  program: string,
  args: readonly string[],
  onLine: (line: Answer) => void = () => {},
): Promise<Answer> {
  const folder = mkdtempSync(join(tmpdir(), 'ploinky-disk-'));
  const file = join(packageRoot(), 'dist', 'test', 'durability', program);
  const [command = '', ...rest] = [...unshare, String(mebibytes), folder, process.execPath, file, folder, ...args];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  let last: Answer | undefined;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (output + text).split('\n');
    output = lines.pop() ?? '';
    for (const line of lines) {
      last = JSON.parse(line) as Answer;
      onLine(last);
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  rmSync(folder, { recursive: true, force: true });
  if (code !== 0 || last === undefined) throw new Error(`${program} on a small disk ended with ${code}:\n${errors}`);
  return last;
}
