import { createProcessEngine } from '../../../adapters/process/process-engine.ts';
import { crashSpec } from './crash-spec.ts';

/**
 * A server that does nothing but start, stop, replace and remove, until it is killed. Arguments: state folder, cloud,
 * run, seed, names. Says `ready` when it has begun.
 */
const [stateFolder = '', cloudId = '', run = '', seed = '', ...names] = process.argv.slice(2);

let state = Number(seed) || 1;
function random(below: number): number {
  state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
  return (state >>> 8) % below;
}

const engine = createProcessEngine({ stateFolder, cloudId });
const signal = new AbortController().signal;
engine.watch(() => undefined);
process.send?.('ready');

await Promise.all(
  names.map(async (name) => {
    for (;;) {
      const spec = crashSpec({ name, cloudId, run, version: `old-${random(2)}` });
      const what = random(6);
      if (what <= 2) await engine.start(spec, signal);
      else if (what === 3) await engine.stop(name, { graceMs: random(2) * 50, signal });
      else if (what === 4) await engine.remove(name, signal);
      else await engine.runOnce({ ...spec, command: ['sh', '-c', 'exec sleep 0.02'] }, { signal });
    }
  }),
);
