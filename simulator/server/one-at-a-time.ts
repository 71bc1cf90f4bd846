/** In place of the module of that name, which lives as long as its process: here one process lives through many lives. */
import { OneAtATime as Turns } from '../../adapters/engine/one-at-a-time.ts';
import { surroundings } from '../ground/current.ts';

export class OneAtATime extends Turns {
  override run<T>(key: string, step: () => Promise<T>): Promise<T> {
    const { seed, life } = surroundings().ground;
    return super.run(`${seed} ${life} ${key}`, step);
  }
}
