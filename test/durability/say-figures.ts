/** One line for whoever measures; see docs/durability.md. */
export function sayFigures(name: string, seed: number, figures: object): void {
  process.stdout.write(`${lineOf(name, seed, figures)}\n`);
}

export function lineOf(name: string, seed: number, figures: object): string {
  const parts = Object.entries(figures).map(([what, count]) => `${what} ${String(count)}`);
  return `durability · ${name} · ${parts.join(', ')} · PLOINKY_SEED=${seed}`;
}
