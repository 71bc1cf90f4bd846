/** Seconds with one decimal, for people. */
export function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Runs one named step and says how it went and how long it took.
 * @param {string} name
 * @param {() => Promise<number>} work resolves with an exit code
 * @param {(text: string) => void} [tell]
 * @returns {Promise<boolean>} true when it went well
 */
export async function stage(name, work, tell = (text) => void process.stdout.write(text)) {
  const start = performance.now();
  tell(`\n── ${name}\n`);
  const code = await work();
  tell(`── ${name}: ${code === 0 ? 'ok' : `FAILED (exit code ${code})`} after ${seconds(start)}\n`);
  return code === 0;
}

/**
 * The same for steps that do not need each other, side by side: each is told as a whole when it ends.
 * @param {readonly (readonly [string, (tell: (text: string) => void) => Promise<number>])[]} steps
 * @returns {Promise<string[]>} names of those that failed, in the order given
 */
export async function stages(steps) {
  const went = await Promise.all(
    steps.map(async ([name, work]) => {
      let told = '';
      const tell = (text) => {
        told += text;
      };
      const well = await stage(name, () => work(tell), tell);
      process.stdout.write(told);
      return well;
    }),
  );
  return steps.filter((_, i) => !went[i]).map(([name]) => name);
}
