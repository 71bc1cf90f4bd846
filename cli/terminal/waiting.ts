import type { Session } from '../session.ts';
import { Progress } from './progress.ts';

/** Says what is waited for, with the elapsed time, once the work has taken a second. */
export async function waiting<T>(session: Session, what: string, work: Promise<T>): Promise<T> {
  const progress = new Progress(session.out, session.surroundings);
  const timer = setTimeout(() => progress.begin(what), 1_000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    progress.close();
  }
}
