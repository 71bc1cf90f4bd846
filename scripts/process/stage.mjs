/** Seconds with one decimal, for people. */
export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Runs one named step and says how it went and how long it took.
 * @param {string} name
 * @param {() => Promise<number>} work resolves with an exit code
 * @returns {Promise<boolean>} true when it went well
 */
export async function stage(name, work) {
  const start = performance.now();
  process.stdout.write(`\n── ${name}\n`);
  const code = await work();
  process.stdout.write(`── ${name}: ${code === 0 ? 'ok' : `FAILED (exit code ${code})`} after ${seconds(start)}\n`);
  return code === 0;
}
