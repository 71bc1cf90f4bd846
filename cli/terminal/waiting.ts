import type { Session } from '../session.ts';
import { Progress } from './progress.ts';

/** Says what is waited for, with the elapsed time, once the work has taken a second. */
export async function waiting<T>(session: Session, what: string, work: Promise<T>): Promise<T> {
  const progress = new Progress(session.out, session.surroundings);
  // In a file the first line of a stage waits for a second by itself.
  const timer = setTimeout(() => progress.begin(what), session.out.live ? 1_000 : 0);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    progress.close();
  }
}
