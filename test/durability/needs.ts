import { it } from 'vitest';

/**
 * A test that needs something of the machine. `reason` says what is missing, or is null: then it is skipped and says
 * why, and in CI it fails, since nothing may be skipped there.
 */
export function itNeeding(reason: string | null, title: string, timeout: number, test: () => Promise<void>): void {
  if (reason === null) {
    it(title, { timeout }, test);
    return;
  }
  if (process.env.CI === 'true') {
    it(title, () => {
      throw new Error(reason);
    });
    return;
  }
  process.stderr.write(`skipped: ${title}: ${reason}\n`);
  it.skip(`${title} (${reason})`, () => {});
}
