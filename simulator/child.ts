/** A process that lives through seeds: asked by messages, or by words on its command line when it is started by hand. */
import { register } from 'node:module';
import type { Mutant } from './redirect.ts';

const dist = new URL('../', import.meta.url).href;
const mutant = process.env.PLOINKY_MUTANT ? (JSON.parse(process.env.PLOINKY_MUTANT) as Mutant) : null;
register('./redirect.js', import.meta.url, { data: { dist, mutant } });

const { runSeed } = await import('./run-seed.ts');
const { setAutoFreeze } = await import('immer');
// As the server does.
setAutoFreeze(false);

interface Wish {
  readonly seed: number;
  readonly trace: boolean;
}

const frames = Error.stackTraceLimit;
process.on('message', ({ seed, trace }: Wish) => {
  // Most errors here are ones that the world makes on purpose; where they came from is of interest to whoever looks at one seed.
  Error.stackTraceLimit = trace ? frames : 0;
  const onLine = trace ? (line: string) => process.stdout.write(`${line}\n`) : undefined;
  void runSeed(seed, onLine).then((outcome) => process.send?.(outcome));
});
process.on('disconnect', () => process.exit());
process.send?.('ready');
