import { readdirSync, readFileSync } from 'node:fs';

/** Command lines of the processes that mention `text`, this one apart. Linux only: reads /proc. */
export function processesMentioning(text: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return [];
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return line.includes(text) ? [`${pid} ${line}`] : [];
    } catch {
      // It ended meanwhile.
      return [];
    }
  });
}
