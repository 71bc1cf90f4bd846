const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** One character for each value, from zero to the highest of them; a space where nothing is known. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null);
  const highest = Math.max(0, ...known);
  return values
    .map((value) => {
      if (value === null) return ' ';
      const level = highest === 0 ? 0 : Math.round((value / highest) * (bars.length - 1));
      return bars[level] ?? ' ';
    })
    .join('');
}
