import { describe, expect, it } from 'vitest';
import { RequestsUnderWay } from '../../../adapters/pipeline/requests-under-way.ts';

/** Resolves with what became of the promise by now, after everything that was scheduled ran. */
async function standing(promise: Promise<unknown>): Promise<'waits' | 'over' | 'failed'> {
  let found: 'waits' | 'over' | 'failed' = 'waits';
  promise.then(
    () => {
      found = 'over';
    },
    () => {
      found = 'failed';
    },
  );
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return found;
}

describe('whoever stops a container', () => {
  const never = new AbortController().signal;

  it('goes on at once when it is busy with nothing', async () => {
    await expect(new RequestsUnderWay().idle('a', never)).resolves.toBeUndefined();
  });

  it('is woken when the last of everything that was under way has ended', async () => {
    const requests = new RequestsUnderWay();
    const busy = { calls: 2, pages: 1 };
    requests.follow({ of: (name) => (name === 'a' ? busy.calls : 9) });
    requests.follow({ of: (name) => (name === 'a' ? busy.pages : 9) });
    const idle = requests.idle('a', never);
    busy.calls = 0;
    requests.changed();
    expect(await standing(idle)).toBe('waits');
    busy.pages = 0;
    requests.changed();
    expect(await standing(idle)).toBe('over');
  });

  it('waits for other processes as well', async () => {
    const requests = new RequestsUnderWay();
    let told: () => void = () => {};
    requests.followElsewhere(
      () =>
        new Promise((resolve) => {
          told = resolve;
        }),
    );
    const idle = requests.idle('a', never);
    expect(await standing(idle)).toBe('waits');
    told();
    expect(await standing(idle)).toBe('over');
  });

  it('says that nothing new comes before it looks, so that what is only kept open does not count', async () => {
    const requests = new RequestsUnderWay();
    const closed: string[] = [];
    requests.follow({ of: () => 1 - closed.length, letGo: (name) => closed.push(name) });
    await requests.idle('a', never);
    expect(closed).toEqual(['a']);
  });

  it('gives up with the reason of its signal', async () => {
    const requests = new RequestsUnderWay();
    requests.follow({ of: () => 1 });
    const patience = new AbortController();
    const idle = requests.idle('a', patience.signal);
    patience.abort(new Error('the time is up'));
    await expect(idle).rejects.toThrow('the time is up');
    await expect(requests.idle('a', patience.signal)).rejects.toThrow('the time is up');
  });
});
