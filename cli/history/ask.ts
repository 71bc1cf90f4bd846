import type { AnswerTo, ArgsOf, QuestionName } from '../../history/questions.ts';
import { type CallOptions, patientMs } from '../connection/api.ts';
import type { Session } from '../session.ts';

/**
 * Asks the running server, or, with `--dir`, the log in a folder that no server has open. Both answer with the same code.
 * @param method as the question has it
 * @throws PloinkyError of the question; SERVER_UNREACHABLE; LOG_HELD, LOG_MISSING, LOG_DAMAGED
 */
export async function ask<Name extends QuestionName>(
  session: Session,
  dir: string | undefined,
  name: Name,
  args: ArgsOf<Name>,
  method: 'GET' | 'POST' = 'GET',
): Promise<AnswerTo<Name>> {
  if (dir !== undefined) {
    const { askOffline } = await import('../offline/ask-offline.ts');
    return askOffline(session.surroundings.cwd, dir, name, args);
  }
  const api = await session.api();
  // Questions whose arguments do not fit an address are asked with POST.
  const query = { ...args } as Exclude<CallOptions['query'], undefined>;
  const given: CallOptions = method === 'GET' ? { query } : { body: args };
  return api.manage<AnswerTo<Name>>(method, `past/${name}`, { ...given, timeoutMs: patientMs });
}
