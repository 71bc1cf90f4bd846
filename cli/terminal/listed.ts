/** `a, b, c`; of more than so many the first, and how many there are besides: `a, b and 3 more`. */
export function listed(names: readonly string[], most: number): string {
  if (names.length <= most) return names.join(', ');
  return `${names.slice(0, most).join(', ')} and ${names.length - most} more`;
}
