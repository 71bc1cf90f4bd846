const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };
const mebibyte = 1024 * 1024;

/** Docker refuses less than 6 MiB; more than a pebibyte is a slip of the pen. */
export const memoryLimits = { minimum: 6 * mebibyte, maximum: 1024 ** 5 } as const;
const cpuLimits = { minimum: 0.01, maximum: 1024 } as const;

/**
 * Bytes of `256m`, `1Gi`, `512MB`, `1.5g` or a number. Suffixes are powers of 1024 in either case, as Docker reads
 * them. Null when it is no amount or out of bounds.
 */
export function parseMemory(value: number | string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b?)\s*$/i.exec(String(value));
  if (!match?.[1]) return null;
  const bytes = Math.round(Number(match[1]) * 1024 ** (powers[(match[2] ?? '').toLowerCase()] ?? 0));
  return bytes >= memoryLimits.minimum && bytes <= memoryLimits.maximum ? bytes : null;
}

/** CPUs of `0.5`, `"0.5"` or `"500m"`. Null when it is no amount or out of bounds. */
export function parseCpu(value: number | string): number | null {
  const match = /^\s*(\d+(?:\.\d+)?|\.\d+)(m?)\s*$/.exec(String(value));
  if (!match?.[1]) return null;
  const cpus = Math.round(Number(match[1]) * (match[2] === 'm' ? 1 : 1000)) / 1000;
  return cpus >= cpuLimits.minimum && cpus <= cpuLimits.maximum ? cpus : null;
}
