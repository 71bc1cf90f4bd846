import { greeting } from '../greeting.ts';

/** @throws when the result is not what the task should give */
export function expectGreeting(result: unknown): void {
  if (result !== greeting) throw new Error(`the result was ${JSON.stringify(result)}`);
}
