import { PloinkyError } from '../../core/errors/ploinky-error.ts';

/** The next step of an error for somebody who neither commits nor deploys: saving does both. */
export function savedInstead(error: unknown): unknown {
  if (!(error instanceof PloinkyError)) return error;
  const hint = error.hint.replace(/[,;] commit,? and deploy again/, ', and save');
  if (hint === error.hint) return error;
  return new PloinkyError(error.code, error.message, { hint, cause: error, details: error.details });
}
