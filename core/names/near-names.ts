/** Of so many characters one may be wrong. */
const lettersPerSlip = 4;
/** Longer names are compared by their beginnings: the work grows with the product of both lengths. */
const longest = 100;

/** The names that are most like `wanted`, the nearest first; at most `most` of them. */
export function nearNames(wanted: string, names: readonly string[], most: number): string[] {
  const ranked = names.map((name) => ({ name, far: distance(wanted.toLowerCase(), name.toLowerCase()) }));
  ranked.sort((a, b) => a.far - b.far || (a.name < b.name ? 1 : -1));
  return ranked.slice(0, most).map(({ name }) => name);
}

/** The names that `wanted` may be a slip of the hand for, the nearest first; most of the time none. At most `most` of them. */
export function similarNames(wanted: string, names: readonly string[], most: number): string[] {
  const allowed = Math.max(1, Math.floor(wanted.length / lettersPerSlip));
  const ranked = [...new Set(names)].map((name) => ({ name, far: distance(wanted.toLowerCase(), name.toLowerCase()) }));
  const similar = ranked.filter(({ far }) => far <= allowed);
  similar.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  return similar.slice(0, most).map(({ name }) => name);
}

/** How many characters have to be put in, left out or changed. */
export function distance(a: string, b: string): number {
  const from = a.slice(0, longest);
  const to = b.slice(0, longest);
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
