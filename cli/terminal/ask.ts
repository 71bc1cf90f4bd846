import { PloinkyError } from '../../core/errors/ploinky-error.ts';
import type { Session } from '../session.ts';

/** True where a person sits at both ends of the terminal. */
export function attended(session: Session): boolean {
  const { stdin, stderr } = session.surroundings;
  return stdin?.isTTY === true && stderr.isTTY === true;
}

/**
 * Asks before something is lost.
 * @throws PloinkyError CONFIRMATION_NEEDED where nobody can be asked
 */
export async function confirmed(session: Session, question: string): Promise<boolean> {
  if (!attended(session)) {
    throw new PloinkyError('CONFIRMATION_NEEDED', `${question} There is no terminal to ask on.`);
  }
  const { confirm } = await import('@clack/prompts');
  const answer = await confirm({ message: question, initialValue: false, ...streams(session) });
  return answer === true;
}

/** A secret typed without echo; undefined when the person gave up. */
export async function askSecret(session: Session, question: string): Promise<string | undefined> {
  const { password } = await import('@clack/prompts');
  const answer = await password({ message: question, ...streams(session) });
  return typeof answer === 'string' ? answer : undefined;
}

/** Prompts go to stderr: stdout holds data. */
function streams(session: Session) {
  const { stdin, stderr } = session.surroundings;
  return { input: stdin as NodeJS.ReadStream, output: stderr as NodeJS.WriteStream };
}
