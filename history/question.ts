import type { Static, TObject } from 'typebox';
import type { Past } from './past.ts';

/**
 * Something that can be asked of the past. It is served at `GET /management/api/past/<name>` and answered from a data
 * folder as well, by the same code.
 */
export interface Question<Args extends TObject = TObject, Answer = unknown> {
  /** One sentence for OpenAPI. */
  readonly summary: string;
  /** Query parameters: strings, numbers and booleans, with descriptions; with POST, the body. */
  readonly args: Args;
  /** POST where the arguments may be too large for an address. It changes nothing all the same. Default GET. */
  readonly method?: 'GET' | 'POST';
  readonly answer: (past: Past, args: Static<Args>) => Promise<Answer>;
}

export function defineQuestion<Args extends TObject, Answer>(question: Question<Args, Answer>): Question<Args, Answer> {
  return question;
}
