/**
 * The first place between `good` and `bad` at which something no longer holds, as long as it broke once: it holds at
 * `good`, it does not at `bad`. Asks about log2(bad - good) times.
 */
export async function firstBroken(
  good: number,
  bad: number,
  holds: (seq: number) => Promise<boolean>,
): Promise<number> {
  let last = good;
  let first = bad;
  while (first - last > 1) {
    const middle = Math.floor((last + first) / 2);
    if (await holds(middle)) last = middle;
    else first = middle;
  }
  return first;
}
