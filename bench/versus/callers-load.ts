import { once } from 'node:events';
import type { Load, Round } from './load.ts';
import type { Program } from './start-program.ts';

/** Rounds of a program that calls by itself, see `programs/answer-rounds.ts`. */
export function callersLoad({ child }: Program<unknown>): Load {
  return async (callers, seconds) => {
    const answered = once(child, 'message');
    child.send({ callers, seconds });
    const [{ figures, error }] = (await answered) as [{ figures?: Round; error?: string }];
    if (!figures) throw new Error(error);
    return figures;
  };
}
