import jsonata from 'jsonata';
import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** Longer than any look at a state takes; an expression that never ends is not waited for. */
const patience = { timeout: 5_000, stack: 500 };

/** What an expression gave for a state: taken as true or false as JSONata does, where it is neither. */
export interface Verdict {
  readonly holds: boolean;
  readonly value: unknown;
}

/** An expression over a state (https://jsonata.org), for example `$count(deployments.*[status="failed"]) = 0`. */
export class Invariant {
  readonly #holds: jsonata.Expression;
  readonly #value: jsonata.Expression;

  /** @throws PloinkyError EXPRESSION_INVALID with the place */
  constructor(text: string) {
    try {
      this.#value = jsonata(text, patience);
      this.#holds = jsonata('$boolean($)', patience);
    } catch (error) {
      throw malformed(error);
    }
  }

  /** @throws PloinkyError EXPRESSION_INVALID when it cannot be evaluated on this state */
  async on(state: unknown): Promise<Verdict> {
    try {
      const value: unknown = await this.#value.evaluate(state);
      const holds = typeof value === 'boolean' ? value : (await this.#holds.evaluate(value)) === true;
      return { holds, value };
    } catch (error) {
      throw malformed(error);
    }
  }
}

function malformed(error: unknown): PloinkyError {
  const { message, position } = error as { message?: unknown; position?: unknown };
  const where = typeof position === 'number' ? ` at character ${position}` : '';
  const why = String(message ?? error).replace(/\.$/, '');
  return new PloinkyError('EXPRESSION_INVALID', `The expression cannot be used${where}: ${why}.`);
}
