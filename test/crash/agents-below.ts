import { readdirSync, readFileSync } from 'node:fs';

/** AgentCore servers whose code lies below the folder, by path, as the kernel knows them. */
export function agentsBelow(dir: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [program = '', script = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!program.includes('node') || !script.includes('agent-core')) continue;
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const of = (name: string) => environment.find((e) => e.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
      if (!of('CODE_DIR').startsWith(dir)) continue;
      const path = of('PLOINKY_PATH');
      counts[path] = (counts[path] ?? 0) + 1;
    } catch {
      // It ended while we looked.
    }
  }
  return counts;
}
