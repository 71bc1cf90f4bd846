import { OneAtATime } from '../engine/one-at-a-time.ts';
import { checkTime, type Remote } from './remote.ts';

/** Steps that write to one mirror, one after the other; whoever waits gives up when its time is over. */
export class Turns {
  readonly #queue = new OneAtATime();

  /** @throws PloinkyError GIT_TIMEOUT or GIT_FAILED while waiting, and what the step throws */
  take<T>(remote: Remote, step: () => Promise<T>): Promise<T> {
    const turn = this.#queue.run(remote.key, async () => {
      checkTime(remote);
      began = true;
      return step();
    });
    let began = false;
    return new Promise<T>((resolve, reject) => {
      const giveUp = () => {
        // A step that began looks at the signals itself, and must be over before its caller goes on.
        if (began) return;
        try {
          checkTime(remote);
        } catch (error) {
          reject(error);
        }
      };
      giveUp();
      const signals = [remote.signal, remote.deadline];
      for (const signal of signals) signal.addEventListener('abort', giveUp, { once: true });
      turn.then(resolve, reject).finally(() => {
        for (const signal of signals) signal.removeEventListener('abort', giveUp);
      });
    });
  }
}
