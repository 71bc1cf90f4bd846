import { type ErrorCode, errorCatalogue } from '../core/errors/catalogue.ts';
import type { Decision } from './commands.ts';

export function refused(code: ErrorCode, message: string, hint: string = errorCatalogue[code].next): Decision {
  return { kind: 'refused', problem: { code, message, hint } };
}
