import { distance } from './near-names.ts';

/** Of so many characters one may be wrong. */
const lettersPerSlip = 4;

/** The names that `wanted` may be a slip of the hand for, the nearest first; most of the time none. At most `most` of them. */
export function similarNames(wanted: string, names: readonly string[], most: number): string[] {
  const allowed = Math.max(1, Math.floor(wanted.length / lettersPerSlip));
  const ranked = [...new Set(names)].map((name) => ({ name, far: distance(wanted.toLowerCase(), name.toLowerCase()) }));
  const similar = ranked.filter(({ far }) => far <= allowed);
  similar.sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  return similar.slice(0, most).map(({ name }) => name);
}
