import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../cli/package-root.ts';
import type { Run } from './kill-cycles.ts';

/** How many trials, then how many had which outcome: `<kind of file>: <outcome>`. */
export type DamageFigures = { cycles: number } & Record<string, number>;

/** Runs damage-trials.ts, anew whenever LevelDB ended its process. @throws Error when a trial found a silent loss */
export async function damageRun({ cycles, seed, onProgress }: Run<DamageFigures>): Promise<DamageFigures> {
  const figures: DamageFigures = { cycles: 0 };
  const place = mkdtempSync(join(tmpdir(), 'ploinky-damage-'));
  try {
    for (let again = false; figures.cycles < cycles; again = true) {
      for (const name of ['small', 'large']) rmSync(join(place, name), { recursive: true, force: true });
      const before = figures.cycles;
      const args = [place, String(seed), String(before), String(cycles), ...(again ? ['again'] : [])];
      const { signal, errors } = await worker(args, (outcome) => {
        figures[outcome] = (figures[outcome] ?? 0) + 1;
        figures.cycles += 1;
        onProgress?.(figures);
      });
      if (figures.cycles === cycles) break;
      if (signal !== 'SIGABRT' && signal !== 'SIGSEGV') throw new Error(errors);
      process.stderr.write(
        `LevelDB ended the process of trial ${figures.cycles} (${signal}): ${errors.split('\n')[0]}\n`,
      );
      if (again && figures.cycles === before) throw new Error(`trial ${before} ended its process twice:\n${errors}`);
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return figures;
}

async function worker(args: readonly string[], onOutcome: (outcome: string) => void) {
  const program = join(packageRoot(), 'dist', 'test', 'durability', 'damage-trials.js');
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  createInterface(child.stdout).on('line', (line) => onOutcome((JSON.parse(line) as { outcome: string }).outcome));
  return new Promise<{ signal: NodeJS.Signals | null; errors: string }>((resolve) => {
    child.on('close', (_, signal) => resolve({ signal, errors }));
  });
}
