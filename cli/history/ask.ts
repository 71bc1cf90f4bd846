import type { AnswerTo, ArgsOf, QuestionName } from '../../history/questions.ts';
import { patientMs } from '../connection/api.ts';
import type { Session } from '../session.ts';

/**
 * Asks the running server, or, with `--dir`, the log in a folder that no server has open. Both answer with the same code.
 * @throws PloinkyError of the question; SERVER_UNREACHABLE; LOG_HELD, LOG_MISSING, LOG_DAMAGED
 */
export async function ask<Name extends QuestionName>(
  session: Session,
  dir: string | undefined,
  name: Name,
  args: ArgsOf<Name>,
): Promise<AnswerTo<Name>> {
  if (dir !== undefined) {
    const { askOffline } = await import('../offline/ask-offline.ts');
    return askOffline(session.surroundings.cwd, dir, name, args);
  }
  const api = await session.api();
  return api.manage<AnswerTo<Name>>('GET', `past/${name}`, { query: { ...args }, timeoutMs: patientMs });
}
