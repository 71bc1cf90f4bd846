/** One line for whoever measures; see docs/durability.md. `seed`: null where nothing is left to chance. */
export function sayFigures(name: string, seed: number | null, figures: object): void {
  process.stdout.write(`${lineOf(name, seed, figures)}\n`);
}

export function lineOf(name: string, seed: number | null, figures: object): string {
  const parts = Object.entries(figures).map(([what, count]) => `${what} ${String(count)}`);
  const again = seed === null ? '' : ` · PLOINKY_SEED=${seed}`;
  return `durability · ${name} · ${parts.join(', ')}${again}`;
}
