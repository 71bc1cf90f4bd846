import { type ErrorCode, errorCatalogue } from '../core/errors/catalogue.ts';
import type { Decision } from './commands.ts';

export type Refusal = Extract<Decision, { kind: 'refused' }>;

export function refused(code: ErrorCode, message: string, hint: string = errorCatalogue[code].next): Refusal {
  return { kind: 'refused', problem: { code, message, hint } };
}
